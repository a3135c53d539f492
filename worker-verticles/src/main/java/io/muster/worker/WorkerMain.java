package io.muster.worker;

import io.muster.runtime.log.Logs;
import io.muster.runtime.process.Arguments;
import io.muster.runtime.process.JdkWarnings;
import io.muster.runtime.process.Lifecycle;
import io.muster.runtime.process.ServiceManager;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import java.time.Duration;
import java.util.Optional;

/** The worker's process; {@link Worker} is the list of what it is made of. */
public final class WorkerMain {
  private WorkerMain() {}

  public static void main(String[] args) {
    JdkWarnings.quiet();
    if (Arguments.handled("muster-worker", args)) {
      return;
    }
    ServiceManager manager = ServiceManager.ofThisProcess();
    Lifecycle.run(
        life -> {
          Settings settings = Settings.load(Role.WORKER);
          Logs logs = Logs.start(settings);
          life.closeOnStop("logs", Duration.ofSeconds(2), logs::close);
          WorkerProcess process =
              new WorkerProcess(
                  reason -> life.refuse(new StartRefused(reason)), life::end, Optional.of(logs));
          return Worker.start(settings, process)
              .onSuccess(
                  worker -> {
                    life.onStop(
                        "worker",
                        Duration.ofMillis(settings.get(Catalogue.SHUTDOWN_TIMEOUT_MS))
                            .plusSeconds(15),
                        () -> {
                          manager.stopping();
                          return worker.stop();
                        });
                    manager.ready(worker.vertx());
                  });
        });
  }
}
