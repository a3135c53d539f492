-- One SQL for H2 (MODE=PostgreSQL) and PostgreSQL. Times in BIGINT are milliseconds since 1970 by a
-- hub's clock; leases are in the database's own time, since hubs' clocks may differ.

-- Numbers every lease once, so that a late holder can be told from the present one.
CREATE SEQUENCE chat_fence;

CREATE TABLE chat_session (
  id           VARCHAR(400) NOT NULL PRIMARY KEY,
  fence        BIGINT NOT NULL,
  lease_owner  VARCHAR(100),
  lease_until  TIMESTAMP WITH TIME ZONE,
  wanted_by    VARCHAR(100),
  wanted_until TIMESTAMP WITH TIME ZONE,
  last_turn    BIGINT NOT NULL,
  created_at   BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL
);

CREATE INDEX chat_session_idle ON chat_session (updated_at);

CREATE TABLE chat_turn (
  session_id        VARCHAR(400) NOT NULL REFERENCES chat_session (id) ON DELETE CASCADE,
  turn              BIGINT NOT NULL,
  fence             BIGINT NOT NULL,
  message           TEXT NOT NULL,
  answer            TEXT NOT NULL,
  node_id           VARCHAR(400),
  model             VARCHAR(400),
  prompt_tokens     INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  estimated         BOOLEAN NOT NULL,
  created_at        BIGINT NOT NULL,
  PRIMARY KEY (session_id, turn)
);

CREATE TABLE node_record (
  id                  VARCHAR(400) NOT NULL PRIMARY KEY,
  name                VARCHAR(400),
  type                VARCHAR(40) NOT NULL,
  status              VARCHAR(40) NOT NULL,
  info                TEXT NOT NULL,
  first_registered_at BIGINT NOT NULL,
  registered_at       BIGINT NOT NULL,
  last_heartbeat      BIGINT NOT NULL,
  active              INTEGER NOT NULL,
  completed           BIGINT NOT NULL,
  failed              BIGINT NOT NULL,
  cancelled           BIGINT NOT NULL,
  average_response_ms DOUBLE PRECISION NOT NULL
);
