package io.muster.worker.container;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All claims of this node, in memory and on the disk, and what they have reserved. */
final class Claims {
  private static final Logger log = LoggerFactory.getLogger(Claims.class);
  private static final int SHORTEST_ID = 12;

  private final ClaimFiles files;
  private final Reservations reservations;
  private final Map<String, Claim> claims = new LinkedHashMap<>();
  private int forgotten;

  Claims(ClaimFiles files, Reservations reservations) {
    this.files = files;
    this.reservations = reservations;
  }

  /** Knows again what it knew before; what they had is theirs again at once. */
  Future<Void> load() {
    return files
        .load()
        .onSuccess(
            all ->
                all.forEach(
                    kept -> {
                      Claim claim = Claim.of(kept);
                      claims.put(claim.id(), claim);
                      reservations.keep(claim.spec, claim.gpuIds);
                    }))
        .mapEmpty();
  }

  List<Claim> all() {
    return List.copyOf(claims.values());
  }

  Claim get(String claimId) {
    return claims.get(claimId);
  }

  /**
   * By its claim or its container's id, of which 12 digits will do.
   *
   * @throws FaultException NOT_FOUND
   */
  Claim find(String id) {
    Claim claim = claims.get(id);
    if (claim != null) {
      return claim;
    }
    for (Claim each : claims.values()) {
      if (each.containerId != null
          && id.length() >= SHORTEST_ID
          && each.containerId.startsWith(id)) {
        return each;
      }
    }
    throw new FaultException(Failure.NOT_FOUND, "There is no container '" + id + "' on this node.");
  }

  void add(Claim claim) {
    claims.put(claim.id(), claim);
  }

  /** Done when it would be known again after a restart. */
  Future<Void> save(Claim claim) {
    return files.save(claim.kept());
  }

  void saveQuietly(Claim claim) {
    if (claims.get(claim.id()) == claim) {
      save(claim)
          .onFailure(
              cause ->
                  log.error("claim {} cannot be written down: {}", claim.id(), cause.toString()));
    }
  }

  /** Gives back what it had; those who wait for its end are told. */
  Future<Void> forget(Claim claim) {
    if (!claims.remove(claim.id(), claim)) {
      return Future.succeededFuture();
    }
    forgotten++;
    reservations.release(claim.id());
    return files
        .delete(claim.id())
        .onFailure(
            cause -> log.error("claim {} cannot be forgotten: {}", claim.id(), cause.toString()))
        .otherwiseEmpty()
        .onSuccess(v -> claim.whenGone.forEach(Promise::tryComplete));
  }

  /** How many there were that there are no more. */
  int forgotten() {
    return forgotten;
  }

  Future<Void> close() {
    return files.close();
  }
}
