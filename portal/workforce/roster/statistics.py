"""What the planner believes about the tables an import fills, kept true by a function of their owner.

While an import writes hundreds of thousands of rows that nobody else sees yet, the server's own vacuum may
look at a table, find none of them, and write down "large and without rows". Until the next look every index
then seems equally good, and each foreign key check may read through the whole of a wrong one: minutes become
hours. ANALYZE at the beginning of the transaction writes down what is true, and its lock keeps the vacuum out
until the commit. Only an owner may analyse, hence the function.
"""

from __future__ import annotations

INSTALL = """
CREATE FUNCTION workforce_settle_statistics() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- One column is enough for the number of rows, which is what goes wrong.
    ANALYZE workforce_worker (id);
    ANALYZE workforce_employer (id);
    ANALYZE workforce_employment (id);
    ANALYZE workforce_skillcredential (id);
    ANALYZE workforce_unemploymentinsurance (id);
    ANALYZE workforce_honour (id);
END
$$;
"""
REMOVE = "DROP FUNCTION workforce_settle_statistics()"
SETTLE = "SELECT workforce_settle_statistics()"
