"""Trees of configuration files, as Debian and Red Hat lay them out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Write = Callable[[dict[str, str]], Path]

#: As in Debian's package, shortened; the drive for `TZ` is the tests' own.
DEBIAN = {
    "etc/apache2/apache2.conf": r"""
DefaultRuntimeDir ${APACHE_RUN_DIR}
ErrorLog ${APACHE_LOG_DIR}/error.log
LogLevel warn
IncludeOptional mods-enabled/*.load
IncludeOptional mods-enabled/*.conf
Include ports.conf
LogFormat "%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\"" vhost_combined
LogFormat "%h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"" combined
IncludeOptional sites-enabled/*.conf
""",
    "etc/apache2/envvars": """
unset HOME
if [ "${APACHE_CONFDIR##/etc/apache2-}" != "${APACHE_CONFDIR}" ] ; then
\tSUFFIX="-${APACHE_CONFDIR##/etc/apache2-}"
else
\tSUFFIX=
fi
export APACHE_RUN_DIR=/var/run/apache2$SUFFIX
# Only /var/log/apache2 is handled by logrotate.
export APACHE_LOG_DIR=/var/log/apache2$SUFFIX
export TZ=Europe/Berlin  # the application's
""",
    "etc/apache2/ports.conf": "Listen 80\n<IfModule ssl_module>\n\tListen 443\n</IfModule>\n",
    "etc/apache2/mods-enabled/mpm_event.load": "LoadModule mpm_event_module /m/mod_mpm_event.so\n",
    "etc/apache2/mods-enabled/wsgi.load": "LoadModule wsgi_module /m/mod_wsgi.so\n",
    "etc/apache2/sites-enabled/app.conf": r"""
<VirtualHost *:443>
  ServerName app.example
  ErrorLog "|/usr/bin/rotatelogs -l ${APACHE_LOG_DIR}/app-error.%Y%m%d 86400"
  ErrorLogFormat "[%{cu}t] [%-m:%l] \
[pid %P] %M"
  ErrorLogFormat Request "[%{uc}t] [R:%L]"
  LogLevel info ssl:warn
  CustomLog ${APACHE_LOG_DIR}/app-access.log combined env=!quiet
  <IfModule mod_wsgi.c>
    WSGIDaemonProcess app display-name=%{GROUP} python-path="/srv/my app:/srv/x" threads=5
    WSGIProcessGroup app
    WSGIScriptAlias / /srv/app/wsgi.py
  </IfModule>
</VirtualHost>
""",
}

RED_HAT = {
    "etc/httpd/conf/httpd.conf": r"""
ServerRoot "/etc/httpd"
Include conf.modules.d/*.conf
ErrorLog "logs/error_log"
ErrorLogFormat "[%{cuz}t] [%-m:%l] [pid %P:tid %T] %M"
<IfModule log_config_module>
    LogFormat "%h %l %u %t \"%r\" %>s %b" common
    CustomLog "logs/access_log" common
</IfModule>
IncludeOptional conf.d/*.conf
""",
    "etc/httpd/conf.modules.d/00-mpm.conf": "#LoadModule mpm_event_module modules/x.so\n"
    "LoadModule mpm_prefork_module modules/mod_mpm_prefork.so\n",
    "etc/httpd/conf.d/ssl.conf": r"""
<VirtualHost _default_:443>
ErrorLog logs/ssl_error_log
TransferLog logs/ssl_access_log
CustomLog logs/ssl_request_log "%t %h %{SSL_PROTOCOL}x \"%r\" %b"
</VirtualHost>
""",
    "usr/lib/systemd/system/httpd.service": """
[Unit]
Description=The Apache HTTP Server
[Service]
Type=notify
Environment=LANG=C
ExecStart=/usr/sbin/httpd $OPTIONS -DFOREGROUND
""",
    "etc/systemd/system/httpd.service.d/tz.conf": "[Service]\nEnvironment=TZ=Asia/Kathmandu X=1\n",
}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes files given by their path and gives the folder they are in."""

    def write_files(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", errors="surrogateescape")
        return tmp_path

    return write_files


@pytest.fixture
def debian(write: Write) -> Path:
    """The folder that stands for `/` of a Debian host."""
    return write(DEBIAN)


@pytest.fixture
def red_hat(write: Write) -> Path:
    """The folder that stands for `/` of a Red Hat host."""
    return write(RED_HAT)
