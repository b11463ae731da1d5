"""Pages of whoever keeps money: funds and their lines, the documents they rest on, the orders that move it."""
