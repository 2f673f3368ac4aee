"""What a terminal shows of the bytes that were written to it: as much of one as rich uses."""

import io
import re

PIECES = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])|([\r\n])|([^\x1b\r\n])")


class Terminal(io.StringIO):
    """A standard output that says that it is a terminal."""

    encoding = "utf-8"

    def isatty(self):
        return True


def screen(text, columns=80):
    """The lines that are left, without empty ones at the end, and whether the cursor is visible."""
    lines, row, column, visible = [[]], 0, 0, True
    for private, numbers, command, move, character in PIECES.findall(text):
        if command == "A":
            row = max(0, row - int(numbers or 1))
        elif command == "K":
            assert numbers == "2"
            lines[row] = []
        elif private:
            assert numbers == "25"
            visible = command == "h"
        elif command:
            assert command == "m", command
        elif move == "\r":
            column = 0
        elif move == "\n" or column == columns:
            row, column = row + 1, 0
            lines += [[] for _ in range(row + 1 - len(lines))]
        if character:
            line = lines[row]
            line += " " * (column + 1 - len(line))
            line[column] = character
            column += 1
    return "\n".join("".join(line).rstrip() for line in lines).rstrip().splitlines(), visible
