-- Administration: users, tokens that ended early, guessing, the audit log, what nodes are told.
-- Times are milliseconds since 1970 by a hub's clock.

CREATE TABLE admin_user (
  name          VARCHAR(64) NOT NULL PRIMARY KEY,
  role          VARCHAR(20) NOT NULL,
  password_hash VARCHAR(400) NOT NULL,
  -- Raised when all tokens of the user have to end: another password.
  generation    BIGINT NOT NULL,
  created_at    BIGINT NOT NULL,
  changed_at    BIGINT NOT NULL,
  last_login    BIGINT
);

-- What tokens are signed with, where JWT_SECRET is not set: one row.
CREATE TABLE admin_signing (
  id     INTEGER NOT NULL PRIMARY KEY,
  secret VARCHAR(200) NOT NULL
);

-- Tokens and sessions that ended before their time, until that time.
CREATE TABLE admin_revoked (
  id         VARCHAR(64) NOT NULL PRIMARY KEY,
  expires_at BIGINT NOT NULL
);

CREATE TABLE admin_attempt (
  subject      VARCHAR(200) NOT NULL PRIMARY KEY,
  failures     INTEGER NOT NULL,
  locked_until BIGINT NOT NULL,
  forget_at    BIGINT NOT NULL
);

CREATE TABLE admin_audit (
  id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         BIGINT NOT NULL,
  username   VARCHAR(64) NOT NULL,
  address    VARCHAR(100) NOT NULL,
  request_id VARCHAR(200) NOT NULL,
  action     VARCHAR(200) NOT NULL,
  target     VARCHAR(400) NOT NULL,
  detail     TEXT,
  outcome    VARCHAR(100) NOT NULL
);

CREATE INDEX admin_audit_at ON admin_audit (at);

-- Nodes that get no new work until an administrator says so.
CREATE TABLE node_drain (
  node_id    VARCHAR(400) NOT NULL PRIMARY KEY,
  drained_by VARCHAR(64) NOT NULL,
  drained_at BIGINT NOT NULL
);

CREATE TABLE node_tag (
  node_id VARCHAR(400) NOT NULL,
  tag     VARCHAR(64) NOT NULL,
  PRIMARY KEY (node_id, tag)
);

-- A group is the nodes that have all of its tags; the tags are between commas.
CREATE TABLE node_group (
  name VARCHAR(64) NOT NULL PRIMARY KEY,
  tags TEXT NOT NULL
);

-- Every configuration there ever was; of each target the last one counts.
CREATE TABLE config_version (
  version    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind       VARCHAR(10) NOT NULL,
  target     VARCHAR(400) NOT NULL,
  settings   TEXT NOT NULL,
  created_by VARCHAR(64) NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE INDEX config_version_target ON config_version (kind, target, version);

-- What each node has said it applies.
CREATE TABLE config_node (
  node_id    VARCHAR(400) NOT NULL PRIMARY KEY,
  version    BIGINT NOT NULL,
  settings   TEXT NOT NULL,
  applied_at BIGINT NOT NULL
);

-- What a node would not take, and why.
CREATE TABLE config_rejected (
  node_id     VARCHAR(400) NOT NULL,
  version     BIGINT NOT NULL,
  reason      TEXT NOT NULL,
  rejected_at BIGINT NOT NULL,
  PRIMARY KEY (node_id, version)
);
