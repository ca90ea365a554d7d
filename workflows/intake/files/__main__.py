"""The process that reads one file: `python -m workflows.intake.files KIND < FILE`."""

from workflows.intake.files.apart import answer

if __name__ == "__main__":
    answer()
