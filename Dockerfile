# The portal without its embedded servers: one image for web, worker, beat and the one-shot "prepare".
# docker-compose.yml shows how the parts fit together, docs/OPERATING.md how to run them.

FROM python:3.11-slim-bookworm AS build
WORKDIR /build
COPY requirements.lock .
RUN python -m venv /opt/jht \
 && /opt/jht/bin/pip install --no-cache-dir --require-hashes --only-binary=:all: -r requirements.lock

FROM python:3.11-slim-bookworm
# What letters need and no wheel carries (the same list as in ./jht).
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 jht && useradd --uid 10001 --gid jht --no-create-home --shell /usr/sbin/nologin jht \
 && install -d -o jht -g jht -m 0750 /var/lib/jht \
 && install -d -o jht -g jht -m 0755 /var/lib/jht/static
COPY --from=build /opt/jht /opt/jht
COPY manage.py /srv/portal/
COPY portal /srv/portal/portal
COPY talent_registry /srv/portal/talent_registry
COPY subsidies /srv/portal/subsidies
COPY templates /srv/portal/templates
WORKDIR /srv/portal
ENV PATH=/opt/jht/bin:$PATH \
    PYTHONPATH=/srv/portal \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=portal.settings \
    JHT_VAR=/var/lib/jht \
    HOME=/tmp
USER 10001:10001
VOLUME /var/lib/jht
EXPOSE 8000
CMD ["gunicorn", "portal.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "portal.web_server.Worker", "--workers", "2", "--threads", "4", "--preload", "--graceful-timeout", "10", "--no-control-socket", "--access-logformat", "%(h)s %(t)s \"%(m)s %(U)s %(H)s\" %(s)s %(B)s %(D)s"]
