"""Views that log, and one that fails."""

import logging
import select

from django.http import Http404, HttpRequest, HttpResponse

log = logging.getLogger("shop")
PRICES = {1: 12, 2: 30, 3: 7}


def home(request: HttpRequest) -> HttpResponse:
    """The page that works."""
    log.info("front page for %s", request.META.get("HTTP_USER_AGENT", "nobody"))
    return HttpResponse("hello\n")


def order(request: HttpRequest, number: int) -> HttpResponse:
    """An order that exists, does not exist, or fails."""
    if number > 50:
        msg = f"no order {number}"
        raise Http404(msg)
    return HttpResponse(f"order {number} costs {PRICES[number]}\n")


def report(request: HttpRequest) -> HttpResponse:
    """A slow page that speaks twice."""
    log.info("report started")
    select.select((), (), (), 0.2)  # libfaketime breaks time.sleep
    log.warning("report took longer than 100 ms")
    return HttpResponse("done\n")
