package io.muster.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import io.muster.job.Frame;
import io.muster.job.FrameBatch;
import io.muster.job.Job;
import io.muster.job.JobMessage;
import io.muster.llm.LlmMessage;
import io.muster.node.FleetNotice;
import io.muster.node.HubMessage;
import io.muster.node.NodeAnswer;
import io.muster.node.NodeCommand;
import io.muster.node.NodeMessage;
import io.muster.node.Probe;
import io.muster.task.TaskMessage;
import io.muster.task.TaskReport;
import io.vertx.core.buffer.Buffer;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RecordCodecTest {
  private static final ObjectMapper CBOR = new CBORMapper();

  @Test
  void everyMessageComesBackAsItWas() {
    for (Record message : Messages.all()) {
      assertThat(roundTrip(message)).usingRecursiveComparison().isEqualTo(message);
    }
  }

  @Test
  void noMessageOfAFamilyIsLeftOutHere() {
    Set<Class<?>> tried = new HashSet<>();
    Messages.all().forEach(message -> tried.add(message.getClass()));
    Stream.of(
            Frame.class,
            JobMessage.class,
            NodeMessage.class,
            NodeCommand.class,
            NodeAnswer.class,
            FleetNotice.class,
            HubMessage.class,
            LlmMessage.class,
            Probe.class,
            TaskMessage.class,
            TaskReport.class)
        .flatMap(family -> Arrays.stream(family.getPermittedSubclasses()))
        .forEach(member -> assertThat(tried).contains(member));
  }

  @Test
  void startsWhereTheBufferEnds() {
    RecordCodec<Probe.Echo> codec = new RecordCodec<>(Probe.Echo.class);
    Buffer buffer = Buffer.buffer("before");
    codec.encodeToWire(buffer, new Probe.Echo("x"));
    buffer.appendString("after");
    assertThat(codec.decodeFromWire(6, buffer)).isEqualTo(new Probe.Echo("x"));
  }

  @Test
  void ignoresMembersItDoesNotKnow() throws Exception {
    byte[] wire = CBOR.writeValueAsBytes(Map.of("hubId", "h", "version", "2", "region", "eu"));
    assertThat(decode(HubMessage.Hello.class, wire)).isEqualTo(new HubMessage.Hello("h", "2"));
    byte[] frame = CBOR.writeValueAsBytes(Map.of("t", "s", "ticket", 7, "later", List.of(1)));
    assertThat(decode(Frame.class, frame)).isEqualTo(new Frame.Started(7));
  }

  @Test
  void failuresItDoesNotKnowAreInternal() throws Exception {
    byte[] wire =
        CBOR.writeValueAsBytes(
            Map.of(
                "t",
                "f",
                "ticket",
                7,
                "seq",
                0,
                "fault",
                Map.of("failure", "OF_2030", "message", "m")));
    assertThat(decode(Frame.class, wire))
        .isEqualTo(new Frame.Failed(7, 0, Fault.of(Failure.INTERNAL, "m")));
  }

  @Test
  void missingMembersAreNullOrZero() throws Exception {
    byte[] wire = CBOR.writeValueAsBytes(Map.of("ticket", 7));
    assertThat(decode(JobMessage.Credit.class, wire)).isEqualTo(new JobMessage.Credit(null, 7, 0));
    Job job = decode(Job.class, wire);
    assertThat(job.body()).isNull();
  }

  @Test
  void rubbishIsAnError() {
    assertThatThrownBy(() -> decode(FrameBatch.class, new byte[] {1, 2, 3}))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("FrameBatch");
  }

  @Test
  void codecNamesAreUnique() {
    Set<Class<?>> types = new HashSet<>();
    Messages.all().forEach(message -> types.add(message.getClass()));
    assertThat(types.stream().map(RecordCodec::name)).doesNotHaveDuplicates();
  }

  @SuppressWarnings("unchecked")
  private static Record roundTrip(Record message) {
    RecordCodec<Record> codec = new RecordCodec<>((Class<Record>) message.getClass());
    Buffer buffer = Buffer.buffer();
    codec.encodeToWire(buffer, message);
    return codec.decodeFromWire(0, buffer);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static <T> T decode(Class<T> type, byte[] wire) {
    Buffer buffer = Buffer.buffer().appendInt(wire.length).appendBytes(wire);
    return (T) new RecordCodec(type).decodeFromWire(0, buffer);
  }
}
