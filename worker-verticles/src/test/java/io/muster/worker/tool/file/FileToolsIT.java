package io.muster.worker.tool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.task.TaskError;
import io.muster.worker.task.Tool;
import io.muster.worker.task.ToolException;
import io.muster.worker.tool.TestRun;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The file tools on a real file system, with a secret beside their folder. */
class FileToolsIT {
  private static final int MOST_BYTES = 1_000;
  private static final int MOST_ENTRIES = 5;

  private final Vertx vertx = Vertx.vertx();
  private final WorkerExecutor executor = vertx.createSharedWorkerExecutor("files", 2);

  @TempDir Path folder;
  private Path root;
  private Path secret;
  private RootFolder files;

  @BeforeEach
  void prepare() throws IOException {
    root = Files.createDirectory(folder.resolve("root"));
    secret = Files.writeString(folder.resolve("secret"), "secret");
    Files.createDirectory(folder.resolve("outside"));
    Files.writeString(folder.resolve("outside/file"), "outside");
    Files.createDirectory(root.resolve("sub"));
    Files.writeString(root.resolve("sub/a.txt"), "one\ntwo\nThree\n");
    Files.createSymbolicLink(root.resolve("link"), secret);
    Files.createSymbolicLink(root.resolve("linked"), folder.resolve("outside"));
    Files.createSymbolicLink(root.resolve("self"), Path.of("sub"));
    Files.createSymbolicLink(root.resolve("dangling"), folder.resolve("made-outside"));
    files = new RootFolder(root);
  }

  @AfterEach
  void close() {
    TestRun.await(vertx.close());
  }

  private Tool list() {
    return new FileList(files, MOST_ENTRIES, executor);
  }

  private Tool read() {
    return new FileRead(files, MOST_BYTES, executor);
  }

  private Tool write() {
    return new FileWrite(files, MOST_BYTES, executor);
  }

  private Tool search() {
    return new FileSearch(files, MOST_BYTES, MOST_ENTRIES, executor);
  }

  private static JsonObject path(String path) {
    return new JsonObject().put("path", path);
  }

  @Test
  void writesReadsAndLists() throws Exception {
    JsonObject written = TestRun.of(write(), path("new/deep/b.txt").put("content", "héllo"));
    assertThat(written.encode()).isEqualTo("{\"bytes\":6,\"created\":true}");
    assertThat(Files.readString(root.resolve("new/deep/b.txt"))).isEqualTo("héllo");

    assertThat(TestRun.of(read(), path("./new//deep/b.txt")).encode())
        .isEqualTo("{\"size\":6,\"offset\":0,\"truncated\":false,\"text\":\"héllo\"}");
    assertThat(
            TestRun.of(read(), path("new/deep/b.txt").put("offset", 0).put("max_bytes", 2))
                .encode())
        .isEqualTo("{\"size\":6,\"offset\":0,\"truncated\":true,\"text\":\"h\"}");

    assertThat(
            TestRun.of(write(), path("new/deep/b.txt").put("content", "again"))
                .getBoolean("created"))
        .isFalse();
    JsonObject listed =
        TestRun.of(list(), path("new/deep")).getJsonArray("entries").getJsonObject(0);
    assertThat(listed.getString("name")).isEqualTo("b.txt");
    assertThat(listed.getString("type")).isEqualTo("file");
    assertThat(listed.getInteger("size")).isEqualTo(5);
    // Nothing temporary is left.
    try (var left = Files.walk(root)) {
      assertThat(left.filter(path -> path.getFileName().toString().startsWith(".muster")))
          .isEmpty();
    }
  }

  @Test
  void tellsLinksFromFiles() {
    JsonObject listed = TestRun.of(list(), new JsonObject());

    assertThat(listed.encode()).contains("\"name\":\"link\",\"type\":\"link\",\"size\":null");
  }

  static List<String> escapes() {
    return List.of(
        "..",
        "../secret",
        "sub/../../secret",
        "sub/..",
        "./../secret",
        "/etc/passwd",
        "//etc/passwd",
        "/",
        "link",
        "linked",
        "linked/file",
        "self/a.txt",
        "dangling",
        "dangling/x",
        "sub/a.txt\0",
        "\0",
        "sub\0/../../secret",
        "..\0/secret",
        "a".repeat(256),
        "sub/" + "é".repeat(128),
        "sub/\ud800");
  }

  @ParameterizedTest
  @MethodSource("escapes")
  void noPathLeadsOut(String path) throws Exception {
    assertRefused(read(), path(path));
    assertRefused(list(), path(path));
    assertRefused(search(), path(path).put("text", "e"));
    // The last name of a path is written anew: a link there is replaced, not followed.
    boolean replaces = path.equals("link") || path.equals("linked") || path.equals("dangling");
    if (!replaces) {
      assertRefused(write(), path(path).put("content", "x"));
    }
    assertUntouched();
  }

  private static void assertRefused(Tool tool, JsonObject args) {
    TaskError error = TestRun.refusal(tool, args);
    assertThat(error.code())
        .as(tool.name() + " " + args)
        .isIn("path_refused", "not_a_folder", "not_found");
    assertThat(error.message()).contains("'path'").doesNotContain("/root/");
  }

  private void assertUntouched() throws IOException {
    assertThat(Files.readString(secret)).isEqualTo("secret");
    assertThat(Files.exists(folder.resolve("made-outside"))).isFalse();
    try (var outside = Files.list(folder.resolve("outside"))) {
      assertThat(outside).hasSize(1);
    }
    assertThat(Files.readString(folder.resolve("outside/file"))).isEqualTo("outside");
  }

  @ParameterizedTest
  @ValueSource(strings = {"link", "dangling", "linked"})
  void writingReplacesALinkAndNotWhatItLeadsTo(String name) throws Exception {
    TestRun.of(write(), path(name).put("content", "mine"));

    assertThat(Files.isSymbolicLink(root.resolve(name))).isFalse();
    assertThat(Files.readString(root.resolve(name))).isEqualTo("mine");
    assertUntouched();
  }

  @Test
  void searchingFollowsNoLink() {
    assertThat(TestRun.of(search(), new JsonObject().put("text", "e")).encode())
        .contains("\"path\":\"sub/a.txt\",\"line\":1,\"text\":\"one\"")
        .doesNotContain("secret")
        .doesNotContain("outside");
    assertThat(
            TestRun.of(search(), new JsonObject().put("text", "THREE").put("ignore_case", true))
                .getJsonArray("matches")
                .size())
        .isOne();
    assertThat(TestRun.of(search(), new JsonObject().put("name", "*.t?t")).encode())
        .startsWith("{\"matches\":[{\"path\":\"sub/a.txt\"}]");
  }

  @Test
  void sizesAreBounded() throws Exception {
    Files.write(root.resolve("big"), new byte[MOST_BYTES + 1]);
    assertThat(
            TestRun.refusal(write(), path("x").put("content", "x".repeat(MOST_BYTES + 1))).code())
        .isEqualTo("too_large");
    assertThat(TestRun.refusal(read(), path("big").put("max_bytes", MOST_BYTES + 1)).message())
        .contains("'max_bytes'");
    JsonObject part = TestRun.of(read(), path("big").put("encoding", "base64"));
    assertThat(Base64.getDecoder().decode(part.getString("base64"))).hasSize(MOST_BYTES);
    assertThat(part.getBoolean("truncated")).isTrue();
    assertThat(TestRun.refusal(read(), path("big")).code()).isEqualTo("not_text");

    for (int i = 0; i < 2 * MOST_ENTRIES; i++) {
      Files.writeString(root.resolve("sub/" + i), "e");
    }
    JsonObject listed = TestRun.of(list(), path("sub"));
    assertThat(listed.getJsonArray("entries")).hasSize(MOST_ENTRIES);
    assertThat(listed.getBoolean("truncated")).isTrue();
    assertThat(TestRun.of(search(), new JsonObject().put("text", "e")).getJsonArray("matches"))
        .hasSize(MOST_ENTRIES);
  }

  @Test
  void aPipeIsNoFile() throws Exception {
    Process made = new ProcessBuilder("mkfifo", root.resolve("pipe").toString()).start();
    assertThat(made.waitFor()).isZero();

    assertThat(TestRun.refusal(read(), path("pipe")).code()).isEqualTo("not_a_file");
    assertThat(TestRun.refusal(list(), path("pipe")).code()).isEqualTo("not_a_folder");
  }

  @Test
  void namesThatAreNoTextAreListedAndSearched() throws Exception {
    Process made =
        new ProcessBuilder("sh", "-c", "printf 'found\\n' > \"$(printf 'sub/\\377.txt')\"")
            .directory(root.toFile())
            .start();
    assertThat(made.waitFor()).isZero();

    assertThat(TestRun.of(list(), path("sub")).encode()).contains("\"name\":\"\ufffd.txt\"");
    assertThat(TestRun.of(search(), new JsonObject().put("text", "found")).encode())
        .contains("\"path\":\"sub/\ufffd.txt\"");
    assertThat(TestRun.refusal(read(), path("sub/\ufffd.txt")).code()).isEqualTo("not_found");
  }

  @Test
  void nothingIsBeyondTheEndOfAFile() {
    assertThat(TestRun.of(read(), path("sub/a.txt").put("offset", Long.MAX_VALUE)).encode())
        .contains("\"truncated\":false,\"text\":\"\"");
  }

  @Test
  void filesThatAreWrittenAtOnceMayNeedTheSameFolders() throws Exception {
    for (int round = 0; round < 50; round++) {
      List<Future<Object>> written = new ArrayList<>();
      for (String name : List.of("a", "b", "c", "d")) {
        written.add(
            write()
                .run(
                    path("new" + round + "/deep/" + name).put("content", name),
                    new TestRun(30_000)));
      }
      TestRun.await(Future.all(written));
      try (var there = Files.list(root.resolve("new" + round + "/deep"))) {
        assertThat(there).hasSize(4);
      }
    }
  }

  @Test
  void whatIsCancelledBeforeItBeganWritesNothing() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    for (int i = 0; i < 2; i++) {
      executor.executeBlocking(() -> held.await(30, TimeUnit.SECONDS), false);
    }
    TestRun run = new TestRun(30_000);
    Future<Object> written = write().run(path("late").put("content", "x"), run);
    run.cancel();
    held.countDown();

    assertThatThrownBy(() -> TestRun.await(written)).hasMessage("nobody wants it any more");
    assertThat(Files.exists(root.resolve("late"))).isFalse();
  }

  /** Somebody swaps a folder for a link to the outside, over and over, while the tools work. */
  @Test
  void aSwappedLinkLeadsNowhere() throws Exception {
    Path swapped = root.resolve("swap");
    Path real = folder.resolve("real");
    Path link = folder.resolve("evil");
    Files.createDirectory(swapped);
    Files.writeString(swapped.resolve("file"), "inside");
    AtomicBoolean stop = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread swapper = new Thread(() -> swap(swapped, real, link, stop, failure));
    swapper.start();
    int inside = 0;
    int refused = 0;
    try {
      for (int i = 0; i < 2_000 || (refused == 0 && i < 100_000); i++) {
        try {
          String text = TestRun.of(read(), path("swap/file")).getString("text");
          assertThat(text).isEqualTo("inside");
          inside++;
        } catch (ToolException e) {
          refused++;
        }
        try {
          TestRun.of(write(), path("swap/new").put("content", "x"));
        } catch (ToolException e) {
          refused++;
        }
      }
    } finally {
      stop.set(true);
      swapper.join();
    }
    assertThat(failure.get()).isNull();
    assertThat(inside).isPositive();
    assertThat(refused).isPositive();
    assertUntouched();
  }

  private void swap(
      Path swapped, Path real, Path link, AtomicBoolean stop, AtomicReference<Throwable> failure) {
    try {
      while (!stop.get()) {
        Files.move(swapped, real, StandardCopyOption.ATOMIC_MOVE);
        try {
          Files.createSymbolicLink(link, folder.resolve("outside"));
          Files.move(link, swapped, StandardCopyOption.ATOMIC_MOVE);
          Files.delete(swapped);
        } catch (FileSystemException e) {
          // While it was away the tools made a folder of the name.
          Files.deleteIfExists(link);
        }
        putBack(real, swapped);
      }
    } catch (IOException e) {
      failure.set(e);
    }
  }

  /** Whatever the tools made of the name meanwhile goes aside. */
  private void putBack(Path real, Path swapped) throws IOException {
    for (int tries = 0; tries < 100; tries++) {
      try {
        Files.move(real, swapped, StandardCopyOption.ATOMIC_MOVE);
        return;
      } catch (FileSystemException e) {
        if (Files.isDirectory(swapped, LinkOption.NOFOLLOW_LINKS)) {
          Files.move(
              swapped, folder.resolve("made-" + UUID.randomUUID()), StandardCopyOption.ATOMIC_MOVE);
        } else {
          Files.deleteIfExists(swapped);
        }
      }
    }
    throw new IOException("it cannot be put back");
  }
}
