"""A client that moves money without pause, and writes down what was acknowledged to it.

Run as `python -m tests.faults.poster URL TENANT NAME ACKS`. Each key is written to the file, and to the
disk, only after its commit has returned; after any error the same key is tried again, and one in five is
delivered twice, as a retrying caller would. It ends when it is killed.
"""

from __future__ import annotations

import os
import random
import sys
import time

from sqlalchemy.exc import DBAPIError

from pitboss.core import ledger
from pitboss.core.database import Database
from pitboss.core.errors import InsufficientFunds, PitbossError
from pitboss.core.ledger import Leg

PLAYERS = 8
RETRY_SECONDS = 0.1


def main(url: str, tenant_id: int, name: str, acknowledged: str) -> None:
    """Post until killed."""
    database = Database(url)
    chosen = random.Random(name)
    with open(acknowledged, "a") as acks:
        for number in range(10**9):
            posting = random_posting(chosen, f"{name}:{number}")
            for _ in range(2 if chosen.random() < 0.2 else 1):
                if insist(database, tenant_id, posting):
                    acks.write(f"{posting.key}\n")
                    acks.flush()
                    os.fsync(acks.fileno())


def random_posting(chosen: random.Random, key: str) -> ledger.Posting:
    """Move a little between two players, or between a player and the house."""
    one, two = chosen.sample(range(PLAYERS), 2)
    house = ledger.house("house", "EUR")
    payer, payee = ledger.player(one, "wallet", "EUR"), ledger.player(two, "wallet", "EUR")
    pair = chosen.choice([(payer, payee), (house, payee), (payer, house)])
    return ledger.Posting(key=key, op="move", legs=[Leg(*pair, chosen.randint(1, 900))])


def insist(database: Database, tenant_id: int, posting: ledger.Posting) -> bool:
    """Post until there is an answer; tell whether the posting stands."""
    while True:
        try:
            with database.transaction(tenant_id) as connection:
                ledger.submit(connection, posting)
            return True
        except InsufficientFunds:
            return False
        except (DBAPIError, PitbossError, OSError):
            time.sleep(RETRY_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
