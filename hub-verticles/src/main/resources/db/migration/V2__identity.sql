-- Who nodes are, and what admits them. Times are milliseconds since 1970 by a hub's clock.

CREATE TABLE node_identity (
  node_id     VARCHAR(100) NOT NULL PRIMARY KEY,
  -- Null for a node that showed no key, but a key of the whole fleet.
  public_key  VARCHAR(1100),
  algorithm   VARCHAR(40),
  admitted_by VARCHAR(40) NOT NULL,
  created_at  BIGINT NOT NULL,
  key_since   BIGINT NOT NULL,
  -- The time in its last signed registration: an earlier one is a repetition.
  signed_at   BIGINT NOT NULL,
  -- Until then an admin lets another key take the place of this one.
  rekey_until BIGINT NOT NULL,
  revoked_at  BIGINT
);

CREATE TABLE join_token (
  id         VARCHAR(40) NOT NULL PRIMARY KEY,
  -- SHA-256 of its secret half; the token itself is nowhere.
  hash       VARCHAR(100) NOT NULL,
  note       VARCHAR(400),
  node_id    VARCHAR(100),
  created_by VARCHAR(100),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at    BIGINT,
  used_by    VARCHAR(100),
  used_key   VARCHAR(1100)
);

-- What hubs sign with when they speak for the nodes at their sockets; one a process.
CREATE TABLE hub_key (
  hub_id     VARCHAR(100) NOT NULL PRIMARY KEY,
  public_key VARCHAR(1100) NOT NULL,
  algorithm  VARCHAR(40) NOT NULL,
  created_at BIGINT NOT NULL
);
