package io.muster.worker.link;

import io.muster.identity.FleetKey;
import io.muster.identity.FleetTrust;
import io.muster.identity.PublicNodeKey;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.IdentitySettings;
import io.muster.runtime.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fleet whose hubs may steer this node, by its public key. Given by {@code FLEET_KEY}, it is
 * that. Else the first hub that takes this node says it: over a socket the one that this node went
 * to itself, on the bus whoever comes first; where there is a {@code ROOT_NODE_SECRET}, only with a
 * proof of it. What was said first is kept in {@code DATA_DIR} and holds for good, so that a member
 * of the cluster which turns bad later can steer nobody, though it has the secret. Used on one
 * thread.
 */
public final class FleetPin implements FleetTrust {
  private static final Logger log = LoggerFactory.getLogger(FleetPin.class);
  private static final String FILE = "fleet-key.pub";

  private final String secret;
  private final Path file;
  private final Consumer<Callable<Void>> offLoop;
  private String pinned;
  private String complained;

  private FleetPin(
      Optional<String> given, Path file, String secret, Consumer<Callable<Void>> offLoop) {
    this.secret = secret;
    this.file = file;
    this.offLoop = offLoop;
    this.pinned = given.map(key -> checked("FLEET_KEY: ", key)).orElse(null);
  }

  /**
   * Reads what was kept; blocks.
   *
   * @param offLoop runs what writes a file
   * @throws StartRefused when {@code FLEET_KEY} or the file is no key
   */
  public static FleetPin open(Settings settings, Consumer<Callable<Void>> offLoop) {
    FleetPin pin =
        new FleetPin(
            settings.find(IdentitySettings.FLEET_KEY),
            settings.folder(Catalogue.DATA_DIR).resolve(FILE),
            settings.find(Catalogue.ROOT_NODE_SECRET).orElse(null),
            offLoop);
    if (pin.pinned == null) {
      pin.read();
    }
    return pin;
  }

  /** Whether it is known which hubs may steer this node. */
  public boolean isSet() {
    return pinned != null;
  }

  /**
   * A hub says what its fleet's key is.
   *
   * @param key null where the hub is too old to have one
   */
  public void introduced(String hubId, FleetKey key) {
    if (key == null) {
      return;
    }
    if (pinned == null) {
      take(hubId, key);
    } else if (!pinned.equals(key.publicKey()) && !key.publicKey().equals(complained)) {
      complained = key.publicKey();
      log.warn("{} may not steer this node: {}", hubId, distrust(key));
    }
  }

  @Override
  public String distrust(FleetKey key) {
    if (pinned == null) {
      return "it knows no fleet's key yet" + unproved(key);
    }
    return pinned.equals(key.publicKey())
        ? null
        : "it is signed with another fleet's key than the one that this node knows: if the hub was"
            + " set up anew, set FLEET_KEY, or remove "
            + file
            + " on the node and start it again";
  }

  private void take(String hubId, FleetKey key) {
    if (secret != null && !key.isProvedBy(secret)) {
      if (complained == null) {
        complained = key.publicKey();
        log.warn("{} may not steer this node: it says a key{}", hubId, unproved(key));
      }
      return;
    }
    try {
      pinned = PublicNodeKey.of(key.algorithm(), key.publicKey()).encoded();
    } catch (IllegalArgumentException e) {
      log.warn("{} says a fleet's key that is none: {}", hubId, e.getMessage());
      return;
    }
    String kept = pinned;
    log.info("this node belongs to the fleet of {}, {}", hubId, PublicNodeKey.fingerprint(kept));
    offLoop.accept(() -> write(kept));
  }

  private String unproved(FleetKey key) {
    return secret != null && !key.isProvedBy(secret)
        ? " without a proof of ROOT_NODE_SECRET: set the same at the hub and here"
        : "";
  }

  private void read() {
    try {
      if (Files.exists(file)) {
        pinned = checked("DATA_DIR: " + file + ": ", Files.readString(file).strip());
      }
    } catch (IOException e) {
      throw new StartRefused("DATA_DIR: " + file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Whole or not at all; where it fails, the next start asks anew. */
  private Void write(String key) {
    try {
      Files.createDirectories(file.getParent());
      Path fresh = Files.createTempFile(file.getParent(), FILE, ".new");
      Files.writeString(fresh, key + "\n");
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      log.warn("the fleet's key is not kept in {}: {}", file, e.toString());
    }
    return null;
  }

  private static String checked(String label, String key) {
    try {
      return PublicNodeKey.of("Ed25519", key).encoded();
    } catch (IllegalArgumentException e) {
      throw new StartRefused(
          label + e.getMessage() + "; scripts/join prints the right one on the hub's machine", e);
    }
  }
}
