from workflows.intake.files.characters.encodings import decode, tidied


@tidied
def read(data: bytes) -> str:
    return decode(data)
