package io.muster.runtime.process;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd that this process is ready, that it ends, and, where the unit has a watchdog, that
 * its event loop still turns; does nothing where systemd did not start it. It goes through {@code
 * systemd-notify}, since Java has no datagram sockets of the Unix kind; the unit needs {@code
 * NotifyAccess=all} for that. See sd_notify(3).
 */
public final class ServiceManager {
  private static final Logger log = LoggerFactory.getLogger(ServiceManager.class);
  private static final long PATIENCE_MS = 5_000;

  private final boolean present;
  private final long watchdogMs;
  private final AtomicBoolean underWay = new AtomicBoolean();
  private volatile boolean failed;

  ServiceManager(Map<String, String> environment, long pid) {
    present = !environment.getOrDefault("NOTIFY_SOCKET", "").isEmpty();
    watchdogMs = present ? watchdogMs(environment, pid) : 0;
  }

  /** The one that started this process, if any did. */
  public static ServiceManager ofThisProcess() {
    return new ServiceManager(System.getenv(), ProcessHandle.current().pid());
  }

  /** The process can be used from now on; its event loop is watched from now on. */
  public void ready(Vertx vertx) {
    if (!present) {
      return;
    }
    say(vertx, "READY=1");
    if (watchdogMs > 0) {
      // Twice in the time allowed, as sd_watchdog_enabled(3) advises. The timer fires on the event
      // loop: one that is stuck says nothing, and the process is started again.
      vertx.setPeriodic(Math.max(1, watchdogMs / 2), timer -> say(vertx, "WATCHDOG=1"));
    }
  }

  /** Off the event loop; left out while the word before is still on its way. */
  private void say(Vertx vertx, String word) {
    if (underWay.compareAndSet(false, true)) {
      var unused =
          vertx.executeBlocking(() -> tell(word), false).onComplete(told -> underWay.set(false));
    }
  }

  /** The process ends in order; blocks for as long as it takes to say so. */
  public void stopping() {
    if (present) {
      tell("STOPPING=1");
    }
  }

  /** Milliseconds between two signs of life that the manager waits for; 0: it does not. */
  long watchdogMs() {
    return watchdogMs;
  }

  private Void tell(String word) {
    try {
      Process process =
          new ProcessBuilder("systemd-notify", word)
              .redirectErrorStream(true)
              .redirectOutput(Redirect.DISCARD)
              .start();
      if (!process.waitFor(PATIENCE_MS, TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        failed(word, "it did not end in time");
      } else if (process.exitValue() != 0) {
        failed(word, "exit status " + process.exitValue());
      }
    } catch (IOException e) {
      failed(word, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return null;
  }

  /** Said once: what repeats itself every few seconds would fill the log. */
  private void failed(String word, String why) {
    if (!failed) {
      failed = true;
      log.warn("systemd could not be told {} by systemd-notify: {}", word, why);
    }
  }

  private static long watchdogMs(Map<String, String> environment, long pid) {
    String forPid = environment.get("WATCHDOG_PID");
    if (forPid != null && !forPid.equals(Long.toString(pid))) {
      return 0;
    }
    try {
      return Long.parseLong(environment.getOrDefault("WATCHDOG_USEC", "0")) / 1000;
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
