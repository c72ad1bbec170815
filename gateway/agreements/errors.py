"""What stops an exchange that no agreement allows."""

from __future__ import annotations

from gateway.sdk.errors import ConfigurationError


class NoAgreementError(ConfigurationError):
    """No sharing agreement allows it now. Nothing leaves: a look-up is refused in these words, a message waits in its
    stream and goes by itself once an agreement is in force again."""

    code = "operator.agreement_missing"
    http_status = 503
    title_vi = "Chưa có thoả thuận chia sẻ dữ liệu còn hiệu lực"
