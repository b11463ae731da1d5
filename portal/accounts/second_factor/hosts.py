"""Where passkeys can be used: under a host name over HTTPS, or on the machine itself."""

from __future__ import annotations

from ipaddress import ip_address

from django.http import HttpRequest


def host_for_passkeys(request: HttpRequest) -> str:
    """The host name that a passkey is bound to; empty where the connection allows none."""
    host = _name(request)
    if _is_number(host):
        return ""
    return host if request.is_secure() or host == "localhost" else ""


def _name(request: HttpRequest) -> str:
    """The host that was asked for, without the port."""
    host = request.get_host()
    return host.rpartition(":")[0] if _has_port(host) else host


def origin(request: HttpRequest) -> str:
    """As a browser says from where it asks."""
    return f"{request.scheme}://{request.get_host()}"


def why_no_passkeys(request: HttpRequest) -> str:
    """In words for the page; empty where they can be used."""
    if host_for_passkeys(request):
        return ""
    if _is_number(_name(request)):
        return "当前用数字地址访问本平台，通行密钥只能用于域名。请使用动态验证码或恢复码，或改用域名访问。"
    return "当前连接没有加密（不是 https），浏览器不允许使用通行密钥。请使用动态验证码或恢复码。"


def _has_port(host: str) -> bool:
    return host.rpartition(":")[2].isdigit() and not host.endswith("]")


def _is_number(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
