# Rasa server and action server: Python 3.10, behind processes that are maintained.
# From the folder of the project: docker build -f deploy/bot.Dockerfile -t kompas-bot .
FROM python:3.10-slim-bookworm AS packages
COPY requirements/bot.txt /tmp/bot.txt
RUN python -m venv /opt/kompas \
  && /opt/kompas/bin/pip install --no-cache-dir --no-deps --require-hashes -r /tmp/bot.txt

# trains, some minutes, unless models/ holds the models of this data
FROM packages AS models
WORKDIR /app
COPY . .
ENV RASA_TELEMETRY_ENABLED=false PYTHONPATH=/app
RUN /opt/kompas/bin/python -m bot.check --start && /opt/kompas/bin/python -m bot.model

FROM python:3.10-slim-bookworm
RUN groupadd --gid 10001 kompas \
  && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp kompas \
  && install -d -o kompas -g kompas /var/lib/kompas
COPY --from=packages /opt/kompas /opt/kompas
COPY --from=models /app/models /app/models
COPY --from=models /app/locales /app/locales
COPY bot /app/bot
COPY actions /app/actions
COPY data /app/data
# the registration codes, which cases are sent with
COPY desk/__init__.py desk/codes.py desk/codes.yml /app/desk/
COPY requirements /app/requirements
COPY config.yml domain.yml endpoints.yml credentials.yml /app/
COPY deploy/entrypoint.sh /app/deploy/entrypoint.sh
WORKDIR /app
USER 10001
ENV PATH=/opt/kompas/bin:$PATH PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1 HOME=/tmp \
  RASA_TELEMETRY_ENABLED=false SQLALCHEMY_SILENCE_UBER_WARNING=1 TF_CPP_MIN_LOG_LEVEL=2 \
  SANIC_HOST=127.0.0.1 KOMPAS_VAR=/var/lib/kompas
ENTRYPOINT ["/app/deploy/entrypoint.sh"]
CMD ["python", "-m", "bot.serve"]
