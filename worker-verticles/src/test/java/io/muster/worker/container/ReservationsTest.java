package io.muster.worker.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.container.ContainerBody;
import io.muster.container.ContainerSpec;
import io.muster.worker.container.Reservations.Stock;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReservationsTest {
  private static final Stock STOCK = new Stock(List.of(2, 0, 1), 1_000);

  private final Reservations reservations = new Reservations(3);

  private static ContainerSpec spec(String claim, String more) {
    return ContainerBody.read(
        new JsonObject("{\"claim_id\":\"" + claim + "\",\"image\":\"i\"" + more + "}"));
  }

  @Test
  void theIdleOnesGoFirstAndNoneGoesTwice() {
    assertThat(reservations.take(spec("a", ",\"gpus\":1"), STOCK)).containsExactly(2);
    assertThat(reservations.take(spec("b", ",\"gpu_ids\":[1]"), STOCK)).containsExactly(1);
    assertThatThrownBy(() -> reservations.take(spec("c", ",\"gpu_ids\":[0,1]"), STOCK))
        .hasMessageContaining("gpu_ids[1]")
        .hasMessageContaining("claim b");
    assertThatThrownBy(() -> reservations.take(spec("c", ",\"gpus\":2"), STOCK))
        .hasMessageContaining("1 of this node's 3");
    // What was refused holds nothing.
    assertThat(reservations.freeGpus(STOCK)).containsExactly(0);
    reservations.release("b");
    assertThat(reservations.freeGpus(STOCK)).containsExactly(0, 1);
  }

  @Test
  void aGpuThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> reservations.take(spec("a", ",\"gpu_ids\":[7]"), STOCK))
        .hasMessageContaining("gpu_ids[0]")
        .hasMessageContaining("CONTAINER_GPUS");
  }

  @Test
  void portsAndMemoryAreReservedToo() {
    String port = ",\"port_mappings\":[{\"container_port\":1,\"host_port\":8080}]";
    reservations.take(spec("a", port + ",\"memory\":600"), STOCK);
    assertThatThrownBy(() -> reservations.take(spec("b", port), STOCK))
        .hasMessageContaining("8080 belongs to claim a");
    assertThatThrownBy(() -> reservations.take(spec("b", ",\"memory\":500"), STOCK))
        .hasMessageContaining("400 are left");
    reservations.release("a");
    reservations.take(spec("b", port + ",\"memory\":1000"), STOCK);
  }

  @Test
  void thereAreOnlySoManyClaims() {
    for (String claim : List.of("a", "b", "c")) {
      reservations.take(spec(claim, ""), STOCK);
    }
    assertThatThrownBy(() -> reservations.take(spec("d", ""), STOCK))
        .hasMessageContaining("CONTAINER_MAX");
  }

  @Test
  void whatAnotherWorkerHasIsNotGivenAway() {
    reservations.foreign("w2/x", List.of(0, 1));
    assertThat(reservations.take(spec("a", ",\"gpus\":1"), STOCK)).containsExactly(2);
    assertThatThrownBy(() -> reservations.take(spec("b", ",\"gpus\":1"), STOCK))
        .hasMessageContaining("0 of this node's 3");
    reservations.onlyForeign(List.of());
    assertThat(reservations.freeGpus(STOCK)).containsExactly(0, 1);
  }
}
