"""The short links of letters: what a code names. It is made from the letter and the task, and stored to be found."""

from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class LetterLink(SQLModel, table=True):
    """One link of one letter. Its person is the letter's recipient, its age that of the letter's slot."""

    __tablename__ = "letter_link"

    code: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})  # 60 bits
    letter_id: UUID = Field(foreign_key="letter.id", index=True)
    task_id: UUID = Field(foreign_key="task.id")
