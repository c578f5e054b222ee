# The embedded defaults of every KOMPAS_ variable; what is set already stays. Sourced by make.
# docs/settings.md explains each.
export RASA_TELEMETRY_ENABLED=false
export KOMPAS_WEB_HOST="${KOMPAS_WEB_HOST:-127.0.0.1}"
export KOMPAS_WEB_PORT="${KOMPAS_WEB_PORT:-8080}"
export KOMPAS_RASA_PORT="${KOMPAS_RASA_PORT:-5005}"
export KOMPAS_RASA_WORKERS="${KOMPAS_RASA_WORKERS:-1}"
export KOMPAS_ACTIONS_PORT="${KOMPAS_ACTIONS_PORT:-5055}"
export KOMPAS_VAR="${KOMPAS_VAR:-$PWD/var}"
export KOMPAS_TRACKER_URL="${KOMPAS_TRACKER_URL:-sqlite:///$KOMPAS_VAR/tracker.db}"
export KOMPAS_DESK_PORT="${KOMPAS_DESK_PORT:-8081}"
export KOMPAS_DATABASE_URL="${KOMPAS_DATABASE_URL:-sqlite:///$KOMPAS_VAR/desk.db}"
export KOMPAS_ERASED="${KOMPAS_ERASED:-$KOMPAS_VAR/erased.db}"
export KOMPAS_SITES="${KOMPAS_SITES:-$PWD/web/sites.yml}"
export KOMPAS_OUTBOX="${KOMPAS_OUTBOX:-$KOMPAS_VAR/outbox.db}"
export KOMPAS_COUNTS="${KOMPAS_COUNTS:-$KOMPAS_VAR/counts.db}"
export KOMPAS_WITHDRAWN="${KOMPAS_WITHDRAWN:-$KOMPAS_VAR/withdrawn.json}"
export KOMPAS_RASA_METRICS_PORT="${KOMPAS_RASA_METRICS_PORT-9105}"
export KOMPAS_ACTIONS_METRICS_PORT="${KOMPAS_ACTIONS_METRICS_PORT-9155}"
export KOMPAS_DELIVERY_METRICS_PORT="${KOMPAS_DELIVERY_METRICS_PORT-9156}"
export KOMPAS_DESK_METRICS_PORT="${KOMPAS_DESK_METRICS_PORT-9181}"
export KOMPAS_LOG_LEVEL="${KOMPAS_LOG_LEVEL:-INFO}"
export PYTHONPATH="$PWD"
# Rasa 3.6.21 pins SQLAlchemy 1.4 and warns of 2.0 at every start
export SQLALCHEMY_SILENCE_UBER_WARNING=1
# TensorFlow's own start-up notes
export TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL:-2}"

# a core file would hold what visitors wrote
ulimit -c 0

mkdir -p "$KOMPAS_VAR"
secrets="$KOMPAS_VAR/secrets.env"
(
  umask 077
  touch "$secrets"
  # one by one: a file made before there was a desk lacks only its part
  for name in KOMPAS_CHANNEL_SECRET KOMPAS_TOKEN_SECRET KOMPAS_OUTBOX_KEY; do
    grep -q "^$name=" "$secrets" ||
      echo "$name=$(od -An -tx1 -N32 /dev/urandom | tr -d ' \n')" >> "$secrets"
  done
  if [ -x .venv/web/bin/python ] && ! grep -q "^KOMPAS_DESK_KEYS=" "$secrets"; then
    .venv/web/bin/python -m desk newkeys >> "$secrets"
  fi
)
while IFS='=' read -r name value; do
  if [ -n "$name" ] && [ -z "$(eval "printf %s \"\${$name:-}\"")" ]; then
    export "$name=$value"
  fi
done < "$secrets"
