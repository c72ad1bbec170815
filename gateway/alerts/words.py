"""What is told, in words: Vietnamese first, English second, a link to the page; nothing of a person."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from gateway.alerts.model import Happened, Metric, News, Telling
from gateway.domain import VIETNAM


@dataclass(frozen=True, slots=True)
class Named:
    """A metric: what it is called, its unit in both languages, and the page where one sees it."""

    vi: str
    en: str
    unit: tuple[str, str]
    path: str


METRICS: dict[Metric, Named] = {
    Metric.SUCCESS: Named("Tỷ lệ không lỗi kỹ thuật", "Share without technical faults", ("%", "%"), "/console"),
    Metric.P95: Named("Thời gian trả lời p95", "Latency p95", ("ms", "ms"), "/console/traffic"),
    Metric.OLDEST: Named(
        "Tuổi bản tin cũ nhất chưa gửi", "Age of the oldest unsent message", ("phút", "min"), "/console"
    ),
    Metric.HELD: Named("Số luồng đang giữ", "Streams held", ("", ""), "/console/delivery/held"),
    Metric.BACKLOG: Named("Số bản tin chưa gửi", "Messages not sent", ("", ""), "/console/delivery"),
    Metric.CERTIFICATE: Named(
        "Số ngày chứng thư còn hạn", "Days until a certificate ends", ("ngày", "days"), "/console"
    ),
    Metric.AGREEMENT: Named(
        "Số ngày thoả thuận còn hạn", "Days until the agreement ends", ("ngày", "days"), "/console/agreements"
    ),
    Metric.ALARMS: Named("Số cảnh báo chờ xử lý", "Alarms waiting", ("", ""), "/console/alarms"),
    Metric.LAG: Named("Số mục nhật ký chưa đếm", "Leaves not counted", ("", ""), "/console"),
}

_HEADS = {
    Happened.RAISED: ("CẢNH BÁO", "ALERT"),
    Happened.RECOVERED: ("ĐÃ TRỞ LẠI BÌNH THƯỜNG", "RECOVERED"),
    Happened.TEST: ("TIN THỬ", "TEST"),
}


def heading(news: News) -> str:
    """One line."""
    vi, en = _HEADS[news.happened]
    about = f" – {news.subject}" if news.subject else ""
    return f"[Liên Thông] {vi} / {en}{': ' + news.rule if news.rule else ''}{about}"


def link(news: News, public_url: str) -> str:
    """Empty where nobody has said where the console is reached."""
    return f"{public_url}{METRICS[news.metric].path if news.metric else '/console/alerts'}" if public_url else ""


def letter(news: News, *, tenant: str, public_url: str) -> str:
    """The whole text of a mail."""
    vi, en = _HEADS[news.happened]
    at = f"{news.at.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"
    where = link(news, public_url)
    vietnamese, english = [f"{vi} ({tenant})"], [f"{en} ({tenant})"]
    if news.metric is None:
        vietnamese.append("Tin này chỉ để thử đường gửi.")
        english.append("This only tries whether news arrives.")
    else:
        named, about = METRICS[news.metric], news.subject or "–"
        vi_figure, en_figure = (f"{written(news.value)} {unit}".strip() for unit in named.unit)
        vi_threshold, en_threshold = (f"{written(news.threshold)} {unit}".strip() for unit in named.unit)
        vietnamese += [
            f"Quy tắc: {news.rule}",
            f"Về: {about}",
            f"{named.vi}: {vi_figure} (ngưỡng {vi_threshold})",
        ]
        english += [f"Rule: {news.rule}", f"About: {about}", f"{named.en}: {en_figure} (threshold {en_threshold})"]
    vietnamese += [f"Lúc: {at} (giờ Việt Nam)", *([f"Xem: {where}"] if where else [])]
    english += [f"At: {news.at.isoformat(timespec='seconds')}", *([f"See: {where}"] if where else [])]
    return "\n".join([*vietnamese, "", "---", "", *english, ""])


def document(telling: Telling, *, tenant: str, public_url: str) -> bytes:
    """What a webhook is sent; the same bytes at each try."""
    news = telling.news
    return orjson.dumps(
        {
            "type": f"alert.{news.happened}",
            "timestamp": news.at.isoformat(),
            "data": {
                "tenant": tenant,
                "rule": news.rule,
                "metric": news.metric,
                "subject": news.subject,
                "value": news.value,
                "threshold": news.threshold,
                "text_vi": heading(news),
                "link": link(news, public_url),
            },
        }
    )


def written(value: float | None) -> str:
    """1234,5"""
    if value is None:
        return "–"
    return f"{value:.1f}".removesuffix(".0").replace(".", ",")
