-- Tasks. A hub's row in task_hub is the lease of every task that names it; an attempt's number is its
-- fence: whatever is said of another attempt than the row's is not taken.

CREATE TABLE task_hub (
  hub_id      VARCHAR(100) NOT NULL PRIMARY KEY,
  alive_until TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE task (
  id                    VARCHAR(40) NOT NULL PRIMARY KEY,
  caller                VARCHAR(200) NOT NULL,
  idempotency_key       VARCHAR(200),
  request_hash          VARCHAR(64) NOT NULL,
  tool                  VARCHAR(200) NOT NULL,
  args                  TEXT NOT NULL,
  capability            VARCHAR(200),
  wanted_node           VARCHAR(400),
  tags                  TEXT,
  timeout_ms            BIGINT NOT NULL,
  priority              INTEGER NOT NULL,
  retries               INTEGER NOT NULL,
  depends_on            TEXT,
  on_dependency_failure VARCHAR(10) NOT NULL,
  status                VARCHAR(12) NOT NULL,
  attempt               BIGINT NOT NULL,
  tries_left            INTEGER NOT NULL,
  losses                INTEGER NOT NULL,
  -- Who sees to it; null once it has ended, so that the index below holds open tasks only.
  hub_id                VARCHAR(100),
  node_id               VARCHAR(400),
  node_instance         VARCHAR(100),
  not_before            BIGINT NOT NULL,
  -- One JSON object a line, of the attempts before the last.
  attempts              TEXT,
  result                TEXT,
  error                 TEXT,
  created_at            BIGINT NOT NULL,
  started_at            BIGINT,
  ended_at              BIGINT
);

CREATE UNIQUE INDEX task_idempotency ON task (caller, idempotency_key);
CREATE INDEX task_open ON task (hub_id);
CREATE INDEX task_ended ON task (ended_at);

CREATE TABLE task_dependency (
  task_id    VARCHAR(40) NOT NULL REFERENCES task (id) ON DELETE CASCADE,
  depends_on VARCHAR(40) NOT NULL,
  PRIMARY KEY (task_id, depends_on)
);

CREATE INDEX task_dependents ON task_dependency (depends_on);
