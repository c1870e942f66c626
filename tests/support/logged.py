"""What a program logs while a test watches."""

import logging


class Exceptions(logging.Handler):
    """What was logged with a traceback, in answers and in the background."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.lines.append(self.format(record))
