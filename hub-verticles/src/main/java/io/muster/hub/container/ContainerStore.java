package io.muster.hub.container;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.container.ContainerSpec;
import io.muster.hub.storage.Database;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where claims and model servers were placed, in the database. */
final class ContainerStore {
  private final Database database;

  ContainerStore(Database database) {
    this.database = database;
  }

  /**
   * Where a claim is.
   *
   * @param hash of what was asked for
   */
  record Placed(String nodeId, String hash) {}

  /** The node of a claim. */
  Future<Optional<Placed>> find(String claimId) {
    return database.transactLightly(connection -> find(connection, claimId));
  }

  private static Optional<Placed> find(Connection connection, String claimId) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT node_id, hash FROM container_claim WHERE claim_id = ?")) {
      select.setString(1, claimId);
      try (ResultSet row = select.executeQuery()) {
        return row.next()
            ? Optional.of(new Placed(row.getString(1), row.getString(2)))
            : Optional.empty();
      }
    }
  }

  /**
   * Gives a claim to a node, unless it has one.
   *
   * @return where it is now
   */
  Future<Placed> place(String claimId, Placed wanted, long now) {
    return database.transact(
        connection -> {
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO container_claim (claim_id, node_id, hash, at) VALUES (?, ?, ?, ?)"
                      + " ON CONFLICT DO NOTHING")) {
            insert.setString(1, claimId);
            insert.setString(2, wanted.nodeId());
            insert.setString(3, wanted.hash());
            insert.setLong(4, now);
            if (insert.executeUpdate() == 1) {
              return wanted;
            }
          }
          return find(connection, claimId)
              .orElseThrow(
                  () ->
                      new FaultException(
                          Failure.CONFLICT,
                          "Claim " + claimId + " is just being taken away: ask again."));
        });
  }

  /** Takes a claim from a node, which does not have it (any more). */
  Future<Void> forget(String claimId, String nodeId) {
    return database.transact(
        connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement(
                  "DELETE FROM container_claim WHERE claim_id = ? AND node_id = ?")) {
            delete.setString(1, claimId);
            delete.setString(2, nodeId);
            delete.executeUpdate();
          }
          return null;
        });
  }

  Future<List<ServerRecord>> servers() {
    return database.transactLightly(
        connection -> {
          List<ServerRecord> servers = new ArrayList<>();
          try (PreparedStatement select =
                  connection.prepareStatement(
                      "SELECT name, spec, generation, node_id, created_at, created_by"
                          + " FROM model_server ORDER BY name");
              ResultSet row = select.executeQuery()) {
            while (row.next()) {
              servers.add(
                  new ServerRecord(
                      row.getString(1),
                      new JsonObject(row.getString(2)).mapTo(ContainerSpec.class),
                      row.getLong(3),
                      row.getString(4),
                      row.getLong(5),
                      row.getString(6)));
            }
          }
          return servers;
        });
  }

  /**
   * Writes down a new one.
   *
   * @return false where there is one of that name
   */
  Future<Boolean> add(ServerRecord server) {
    return database.transact(
        connection -> {
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO model_server (name, spec, generation, created_at, created_by)"
                      + " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
            insert.setString(1, server.name());
            insert.setString(2, JsonObject.mapFrom(server.spec()).encode());
            insert.setLong(3, server.generation());
            insert.setLong(4, server.createdAt());
            insert.setString(5, server.createdBy());
            return insert.executeUpdate() == 1;
          }
        });
  }

  /**
   * Gives it to a node.
   *
   * @param before the generation that it is known to have: another hub may have been first
   * @return whether this hub was
   */
  Future<Boolean> assign(String name, long before, String nodeId, long now) {
    return database.transact(
        connection -> {
          try (PreparedStatement update =
              connection.prepareStatement(
                  "UPDATE model_server SET generation = ?, node_id = ?, placed_at = ?"
                      + " WHERE name = ? AND generation = ?")) {
            update.setLong(1, before + 1);
            update.setString(2, nodeId);
            update.setLong(3, now);
            update.setString(4, name);
            update.setLong(5, before);
            return update.executeUpdate() == 1;
          }
        });
  }

  Future<Boolean> remove(String name) {
    return database.transact(
        connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement("DELETE FROM model_server WHERE name = ?")) {
            delete.setString(1, name);
            return delete.executeUpdate() == 1;
          }
        });
  }
}
