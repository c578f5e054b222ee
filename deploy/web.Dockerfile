# Visitor site, delivery and desk: one image, three commands, no Rasa in it.
# From the folder of the project: docker build -f deploy/web.Dockerfile -t kompas-web .
FROM python:3.11-slim-bookworm AS packages
COPY requirements/web.txt /tmp/web.txt
RUN python -m venv /opt/kompas \
  && /opt/kompas/bin/pip install --no-cache-dir --no-deps --require-hashes -r /tmp/web.txt

FROM packages AS words
WORKDIR /app
COPY . .
ENV PYTHONPATH=/app
RUN /opt/kompas/bin/python -m bot.check --start

FROM python:3.11-slim-bookworm
# pg_dump, of the version of the server, for backups of the desk
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client-15 \
  && rm -rf /var/lib/apt/lists/* \
  && groupadd --gid 10001 kompas \
  && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp kompas \
  && groupadd --gid 10002 kompas-desk \
  && useradd --uid 10002 --gid 10002 --no-create-home --home-dir /tmp kompas-desk \
  && install -d -o kompas -g kompas /var/lib/kompas \
  && install -d -o kompas-desk -g kompas-desk /var/lib/kompas-desk
COPY --from=packages /opt/kompas /opt/kompas
COPY --from=words /app/locales /app/locales
COPY bot /app/bot
COPY web /app/web
COPY desk /app/desk
COPY words /app/words
COPY data /app/data
COPY domain.yml /app/
COPY deploy/entrypoint.sh /app/deploy/entrypoint.sh
WORKDIR /app
USER 10001
ENV PATH=/opt/kompas/bin:$PATH PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1 HOME=/tmp \
  KOMPAS_VAR=/var/lib/kompas
ENTRYPOINT ["/app/deploy/entrypoint.sh"]
CMD ["python", "-m", "web"]
