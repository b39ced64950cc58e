"""Kill -9 the web in the middle of requests that move money: what was answered is done, and done once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pitboss.core import ledger
from pitboss.core.kernel import Kernel
from pitboss.core.tenancy import Tenant
from tests.faults.servers import faults_wanted
from tests.faults.web import Till, Web

KILLS = faults_wanted(5)
REQUESTS_BETWEEN_KILLS = 12

pytestmark = [pytest.mark.slow, pytest.mark.timeout(60 + 20 * KILLS)]


@pytest.fixture
def web(kernel: Kernel) -> Iterator[Web]:
    process = Web(kernel)
    process.start()
    yield process
    process.kill()


def test_killing_the_web_loses_and_doubles_nothing(kernel: Kernel, tenant: Tenant, web: Web) -> None:
    till = Till(kernel, tenant, web)
    till.start()

    for _ in range(KILLS):
        till.let_work(REQUESTS_BETWEEN_KILLS)
        web.kill()
        web.start()
    till.let_work(REQUESTS_BETWEEN_KILLS)
    till.close()

    assert till.booked() == (till.acknowledged, 100 * till.acknowledged)
    with kernel.context(tenant.id) as ctx:
        assert not any(ledger.verify(ctx.connection).values())
