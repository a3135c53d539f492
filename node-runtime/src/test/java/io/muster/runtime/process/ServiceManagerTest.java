package io.muster.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ServiceManagerTest {
  @Test
  void theWatchdogIsTheOneOfThisProcess() {
    assertThat(manager(Map.of()).watchdogMs()).isZero();
    assertThat(manager(Map.of("WATCHDOG_USEC", "30000000")).watchdogMs()).isZero();
    Map<String, String> watched = Map.of("NOTIFY_SOCKET", "/x", "WATCHDOG_USEC", "30000000");
    assertThat(manager(watched).watchdogMs()).isEqualTo(30_000);
    assertThat(
            manager(Map.of("NOTIFY_SOCKET", "/x", "WATCHDOG_USEC", "1000", "WATCHDOG_PID", "7"))
                .watchdogMs())
        .isEqualTo(1);
    assertThat(
            manager(Map.of("NOTIFY_SOCKET", "/x", "WATCHDOG_USEC", "1000", "WATCHDOG_PID", "8"))
                .watchdogMs())
        .isZero();
    assertThat(manager(Map.of("NOTIFY_SOCKET", "/x", "WATCHDOG_USEC", "soon")).watchdogMs())
        .isZero();
  }

  private static ServiceManager manager(Map<String, String> environment) {
    return new ServiceManager(environment, 7);
  }
}
