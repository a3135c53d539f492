package io.muster.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.bus.Ack;
import io.muster.bus.Failure;
import io.muster.bus.Messages;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RelayCodecTest {
  private static final int LIMIT = 1 << 20;

  @Test
  void everyMessageComesBackAsItWas() {
    for (RelayMessage message : messages(new Random(1))) {
      assertThat(decode(RelayCodec.encode(message))).usingRecursiveComparison().isEqualTo(message);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whereverItIsCutAllComeInOrder(long seed) {
    Random random = new Random(seed);
    List<RelayMessage> sent = messages(random);
    Buffer bytes = Buffer.buffer();
    sent.forEach(message -> bytes.appendBuffer(RelayCodec.encode(message)));

    List<RelayMessage> got = new ArrayList<>();
    RelayReader reader = new RelayReader(LIMIT, got::add);
    int most = seed % 2 == 0 ? 7 : 100_000;
    for (int at = 0; at < bytes.length(); ) {
      int end = Math.min(bytes.length(), at + 1 + random.nextInt(most));
      reader.read(bytes.getBuffer(at, end));
      at = end;
    }
    assertThat(got).hasSameSizeAs(sent);
    // Records with arrays are not equal to their copies, but what is made of them is.
    for (int i = 0; i < sent.size(); i++) {
      assertThat(got.get(i)).hasSameClassAs(sent.get(i));
      assertThat(RelayCodec.encode(got.get(i))).isEqualTo(RelayCodec.encode(sent.get(i)));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void rubbishIsLeftOutOrEndsTheConnectionAndNothingElse(long seed) {
    Random random = new Random(seed);
    List<RelayMessage> messages = messages(random);
    for (int i = 0; i < 2_000; i++) {
      Buffer bytes = RelayCodec.encode(messages.get(random.nextInt(messages.size())));
      if (bytes.length() > 5_000) {
        continue;
      }
      for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
        bytes.setByte(random.nextInt(bytes.length()), (byte) random.nextInt());
      }
      try {
        new RelayReader(LIMIT, message -> assertThat(message).isNotNull()).read(bytes);
      } catch (RelayException e) {
        assertThat(e.getMessage()).contains("relay message");
      }
    }
  }

  @Test
  void whatIsTooBigIsRefusedByItsLengthAlone() {
    RelayReader reader = new RelayReader(1000, message -> {});
    assertThatThrownBy(() -> reader.read(Buffer.buffer().appendInt(1001)))
        .isInstanceOf(RelayException.class)
        .hasMessageContaining("1001 bytes");
    assertThatThrownBy(() -> reader.read(Buffer.buffer().appendInt(-1)))
        .isInstanceOf(RelayException.class);
  }

  @Test
  void aQuestionOfAnotherVersionIsKnownByItsNumber() {
    Buffer bytes = RelayCodec.encode(new RelayMessage.Ask("a", 77, 5, Ack.OK));
    int name = bytes.toString("ISO-8859-1").indexOf("Ack");
    bytes.setString(name, "Nak");
    assertThat(decode(bytes))
        .isInstanceOfSatisfying(
            RelayMessage.Unreadable.class,
            unreadable -> {
              assertThat(unreadable.number()).isEqualTo(77);
              assertThat(unreadable.why()).contains("Nak");
            });
  }

  @Test
  void anUnknownKindIsLeftOut() {
    Buffer bytes = RelayCodec.encode(new RelayMessage.Tell("a", Ack.OK));
    bytes.setByte(RelayCodec.LENGTH_BYTES, (byte) 9);
    assertThat(decode(bytes)).isInstanceOf(RelayMessage.Unreadable.class);
  }

  private static RelayMessage decode(Buffer bytes) {
    List<RelayMessage> got = new ArrayList<>();
    new RelayReader(LIMIT, got::add).read(bytes);
    assertThat(got).hasSize(1);
    return got.get(0);
  }

  private static List<RelayMessage> messages(Random random) {
    List<RelayMessage> all = new ArrayList<>();
    for (Record body : Messages.all()) {
      String address = "muster.ü." + random.nextInt();
      all.add(new RelayMessage.Tell(address, body));
      all.add(new RelayMessage.Publish("", body));
      all.add(new RelayMessage.Ask(address, random.nextLong(), random.nextInt(), body));
      all.add(new RelayMessage.Reply(random.nextLong(), body));
    }
    for (Failure failure : Failure.values()) {
      all.add(new RelayMessage.Fail(random.nextLong(), failure, "weil es läuft"));
    }
    return all;
  }
}
