package io.muster.worker.provider;

import static io.muster.worker.provider.ModelServer.job;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.muster.job.Job;
import io.muster.node.ModelInfo;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProvidersIT {
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final List<List<ModelInfo>> told = new CopyOnWriteArrayList<>();
  private Providers providers;

  @AfterEach
  void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void listsTheFirstProvidersModelsFirst() {
    FakeProvider one = new FakeProvider("one", "a", "b");
    FakeProvider two = new FakeProvider("two", "b", "c");
    assertThat(start(null, Providers.Demo.AUTO, List.of(one, two), List.of()))
        .containsExactly("a", "b", "c");
    assertThat(ask("b").fault().message()).isEqualTo("one b");
    assertThat(ask("c").fault().message()).isEqualTo("two c");
    assertThat(ask("two/b").fault().message()).isEqualTo("two b");
    assertThat(ask("two/unlisted").fault().message()).isEqualTo("two unlisted");
    assertThat(ask("x").fault().failure()).isEqualTo(Failure.MODEL_NOT_FOUND);
    assertThat(ask("x/a").fault().failure()).isEqualTo(Failure.MODEL_NOT_FOUND);
  }

  @Test
  void providersComeAndGoWhileItRuns() {
    FakeProvider one = new FakeProvider("one", "a", "b");
    FakeProvider two = new FakeProvider("two", "b", "c");
    start(null, Providers.Demo.OFF, List.of(one), List.of());
    providers.add(two);
    await().until(() -> providers.models().size() == 3);
    assertThat(ask("b").fault().message()).isEqualTo("one b");
    assertThat(ask("two/b").fault().message()).isEqualTo("two b");
    providers.remove(two);
    assertThat(providers.models()).extracting(ModelInfo::id).containsExactly("a", "b");
    assertThat(ask("c").fault().failure()).isEqualTo(Failure.MODEL_NOT_FOUND);
  }

  @Test
  void putsTheDefaultFirst() {
    FakeProvider one = new FakeProvider("one", "a", "b");
    FakeProvider two = new FakeProvider("two", "c");
    assertThat(start("c", Providers.Demo.AUTO, List.of(one, two), List.of()))
        .containsExactly("c", "a", "b");
    assertThat(start("one/b", Providers.Demo.ON, List.of(one), List.of()))
        .containsExactly("b", "a", "demo");
    assertThat(start("none", Providers.Demo.OFF, List.of(one), List.of()))
        .containsExactly("a", "b");
  }

  @Test
  void hasTheDemoModelWhereNothingElseIs() {
    FakeProvider found = new FakeProvider("ollama");
    assertThat(start(null, Providers.Demo.AUTO, List.of(), List.of(found))).containsExactly("demo");
    assertThat(ask("demo").done().text()).isEqualTo("hi");
    assertThat(providers.status()).extracting(Providers.Status::name).contains("ollama", "demo");
    found.models = List.of("llama3");
    await().until(() -> ids(providers.models()).equals(List.of("llama3")));
    assertThat(ask("demo").fault().failure()).isEqualTo(Failure.MODEL_NOT_FOUND);
    found.models = null;
    await().until(() -> ids(providers.models()).equals(List.of("demo")));
    // What was only looked for is no trouble when it is not there.
    assertThat(providers.status()).containsExactly(new Providers.Status("demo", 1, null));
    assertThat(told).extracting(ProvidersIT::ids).contains(List.of("llama3"), List.of("demo"));
    assertThat(start(null, Providers.Demo.OFF, List.of(), List.of())).isEmpty();
  }

  @Test
  void neverPutsTheDemoModelInPlaceOfOneThatIsConfigured() {
    FakeProvider down = new FakeProvider("openai");
    down.models = null;
    assertThat(start(null, Providers.Demo.AUTO, List.of(down), List.of())).isEmpty();
    assertThat(providers.status())
        .containsExactly(new Providers.Status("openai", 0, "openai is down"));
    down.models = List.of("m");
    await().until(() -> ids(providers.models()).equals(List.of("m")));
    assertThat(providers.status()).containsExactly(new Providers.Status("openai", 1, null));
  }

  @Test
  void keepsModelsOverOneFailureButNotTwo() {
    FakeProvider one = new FakeProvider("one", "a");
    start(null, Providers.Demo.AUTO, List.of(one), List.of());
    one.failOnce = true;
    await().until(() -> !one.failOnce);
    await().pollDelay(100, TimeUnit.MILLISECONDS).until(() -> one.looks > 3);
    assertThat(told).isEmpty();
    one.models = null;
    await().until(() -> providers.models().isEmpty());
  }

  @Test
  void isNotDelayedByAProviderThatDoesNotAnswer() {
    FakeProvider slow = new FakeProvider("slow", "s");
    slow.silent = Promise.promise();
    FakeProvider one = new FakeProvider("one", "a");
    providers = make(null, Providers.Demo.AUTO, List.of(slow, one), List.of());
    vertx.runOnContext(v -> providers.start());
    await().until(() -> ids(providers.models()).equals(List.of("a")));
    vertx.runOnContext(v -> slow.silent.complete());
    await().until(() -> ids(providers.models()).equals(List.of("s", "a")));
  }

  @Test
  void looksAgainSoonAfterAJobFailed() {
    FakeProvider one = new FakeProvider("one", "a");
    start(null, Providers.Demo.AUTO, List.of(one), List.of(), 60_000);
    assertThat(one.looks).isEqualTo(1);
    ask("a").fault();
    await().atMost(3, TimeUnit.SECONDS).until(() -> one.looks == 2);
  }

  private List<String> start(
      String defaultModel, Providers.Demo demo, List<Provider> configured, List<Provider> found) {
    return start(defaultModel, demo, configured, found, 30);
  }

  private List<String> start(
      String defaultModel,
      Providers.Demo demo,
      List<Provider> configured,
      List<Provider> found,
      long refreshMs) {
    told.clear();
    providers = make(defaultModel, demo, configured, found, refreshMs);
    Promise<List<ModelInfo>> models = Promise.promise();
    vertx.runOnContext(v -> providers.start().onComplete(models));
    return ids(ModelServer.await(models.future()));
  }

  private Providers make(
      String defaultModel, Providers.Demo demo, List<Provider> configured, List<Provider> found) {
    return make(defaultModel, demo, configured, found, 30);
  }

  private Providers make(
      String defaultModel,
      Providers.Demo demo,
      List<Provider> configured,
      List<Provider> found,
      long refreshMs) {
    return new Providers(
        vertx,
        new Providers.Options(defaultModel, demo, refreshMs),
        configured,
        found,
        new DemoProvider(vertx, 0, Clock.systemUTC()),
        told::add);
  }

  private RecordedAnswer ask(String model) {
    RecordedAnswer answer = new RecordedAnswer();
    Job job = job(model, false, "{\"messages\":[{\"role\":\"user\",\"content\":\"Repeat: hi\"}]}");
    vertx.runOnContext(v -> providers.call(job, answer));
    return answer;
  }

  private static List<String> ids(List<ModelInfo> models) {
    List<String> ids = new ArrayList<>();
    models.forEach(model -> ids.add(model.id()));
    return ids;
  }

  /** Lists what it is told to, and fails each job with its own name and the model's. */
  private final class FakeProvider implements Provider {
    private final String name;
    private volatile List<String> models;
    private volatile boolean failOnce;
    private volatile int looks;
    private Promise<Void> silent;

    FakeProvider(String name, String... models) {
      this.name = name;
      this.models = List.of(models);
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate")
    public Future<List<ModelInfo>> models() {
      looks = looks + 1;
      if (silent != null) {
        return silent.future().map(v -> list());
      }
      if (failOnce || models == null) {
        failOnce = false;
        return Future.failedFuture(new FaultException(Failure.PROVIDER_ERROR, name + " is down"));
      }
      return Future.succeededFuture(list());
    }

    private List<ModelInfo> list() {
      return models.stream().map(id -> new ModelInfo(id, name, name, 0, 0)).toList();
    }

    @Override
    public ProviderCall call(Job job, Answer answer) {
      Fault fault = Fault.of(Failure.PROVIDER_ERROR, name + " " + job.model());
      vertx.runOnContext(v -> answer.failed(fault));
      return null;
    }

    @Override
    public Future<Void> close() {
      return Future.succeededFuture();
    }
  }
}
