package io.muster.hub;

import io.muster.runtime.log.Logs;
import io.muster.runtime.process.Arguments;
import io.muster.runtime.process.JdkWarnings;
import io.muster.runtime.process.Lifecycle;
import io.muster.runtime.process.ServiceManager;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import java.time.Duration;

/** The hub's process; {@link Hub} is the list of what it is made of. */
public final class HubMain {
  private HubMain() {}

  public static void main(String[] args) {
    JdkWarnings.quiet();
    if (Arguments.handled("muster-hub", args)) {
      return;
    }
    ServiceManager manager = ServiceManager.ofThisProcess();
    Lifecycle.run(
        life -> {
          Settings settings = Settings.load(Role.HUB);
          Logs logs = Logs.start(settings);
          life.closeOnStop("logs", Duration.ofSeconds(2), logs::close);
          return Hub.start(settings)
              .onSuccess(
                  hub -> {
                    life.onStop(
                        "hub",
                        Duration.ofMillis(settings.get(Catalogue.SHUTDOWN_TIMEOUT_MS))
                            .plusSeconds(15),
                        () -> {
                          manager.stopping();
                          return hub.stop();
                        });
                    manager.ready(hub.vertx());
                  });
        });
  }
}
