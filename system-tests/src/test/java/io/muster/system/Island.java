package io.muster.system;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A network of its own on this machine (a network namespace), with one cable to where the hub is
 * and another to where the model server is. From it both can be called; nothing listens in it that
 * could be called from outside. Needs root and {@code ip}.
 */
final class Island implements AutoCloseable {
  private final String name;
  private final String cable;
  private final String hubHost;
  private final String modelHost;

  /** Makes it; a test that cannot is skipped. */
  Island() {
    int number = ThreadLocalRandom.current().nextInt(1 << 20);
    name = "muster-%05x".formatted(number);
    cable = "mh%05x".formatted(number);
    String net = "10.%d.%d".formatted(200 + number % 50, number / 50 % 250);
    hubHost = net + ".1";
    modelHost = net + ".5";
    Needed.that(run("netns", "add", name), "network namespaces (root, and ip of iproute2)");
    must("-n", name, "link", "set", "lo", "up");
    lay(cable, hubHost, net + ".2");
    lay("mm%05x".formatted(number), modelHost, net + ".6");
  }

  /** What a command begins with that is to run in it. */
  List<String> enter() {
    return List.of("ip", "netns", "exec", name);
  }

  /** This machine's address for those on the island, where the hub is. */
  String hubHost() {
    return hubHost;
  }

  /** Likewise, where the model server is. */
  String modelHost() {
    return modelHost;
  }

  /** Pulls the hub's cable: nothing passes, and nobody is told. */
  void cutOff() {
    must("link", "set", cable, "down");
  }

  /** Puts the cable back. */
  void heal() {
    must("link", "set", cable, "up");
  }

  @Override
  public void close() {
    // Its ends of the cables go with it, and with them ours.
    run("netns", "del", name);
  }

  private void lay(String device, String ours, String theirs) {
    must("link", "add", device, "type", "veth", "peer", "name", device + "i", "netns", name);
    must("addr", "add", ours + "/30", "dev", device);
    must("link", "set", device, "up");
    must("-n", name, "addr", "add", theirs + "/30", "dev", device + "i");
    must("-n", name, "link", "set", device + "i", "up");
  }

  private static void must(String... arguments) {
    if (!run(arguments)) {
      throw new IllegalStateException("ip " + String.join(" ", arguments) + " failed");
    }
  }

  private static boolean run(String... arguments) {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    try {
      Process ip = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(ip.getInputStream().readAllBytes(), UTF_8);
      if (!said.isEmpty()) {
        System.err.print(String.join(" ", command) + ": " + said);
      }
      return ip.waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException(e));
    }
  }
}
