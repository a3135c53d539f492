-- One SQL for H2 (MODE=PostgreSQL) and PostgreSQL. Times are milliseconds since 1970 by a hub's clock.

-- What has been told, for a while; read by time, since two hubs' ids have no common order.
CREATE TABLE event_log (
  id      VARCHAR(200) NOT NULL PRIMARY KEY,
  type    VARCHAR(100) NOT NULL,
  source  VARCHAR(150) NOT NULL,
  at      BIGINT NOT NULL,
  data    TEXT NOT NULL
);

CREATE INDEX event_log_at ON event_log (at);

CREATE TABLE webhook (
  id            VARCHAR(60) NOT NULL PRIMARY KEY,
  url           VARCHAR(2000) NOT NULL,
  types         TEXT NOT NULL,
  -- Has to be known in clear, to sign with; is never shown again.
  secret        VARCHAR(400) NOT NULL,
  created_at    BIGINT NOT NULL,
  created_by    VARCHAR(200),
  -- The last event that is done with, delivered or given up; whoever takes over goes on after it.
  done_id       VARCHAR(200),
  failing_since BIGINT,
  disabled_at   BIGINT,
  disabled_why  VARCHAR(400)
);

CREATE TABLE webhook_delivery (
  id          VARCHAR(60) NOT NULL PRIMARY KEY,
  webhook_id  VARCHAR(60) NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
  event_id    VARCHAR(200) NOT NULL,
  event_type  VARCHAR(100) NOT NULL,
  attempt     INTEGER NOT NULL,
  at          BIGINT NOT NULL,
  elapsed_ms  BIGINT NOT NULL,
  -- Null when no answer came; then failure says why.
  status      INTEGER,
  failure     VARCHAR(400)
);

CREATE INDEX webhook_delivery_at ON webhook_delivery (webhook_id, at);
