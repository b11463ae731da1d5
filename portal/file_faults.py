"""What is wrong with a file, told by whatever opened it."""


class Fault(Exception):
    """The file cannot be taken; the message follows its name in a sentence, and says what to do."""


DAMAGED_PDF = "已损坏，无法打开，请重新生成后上传。"
