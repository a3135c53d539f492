package io.muster.bench.subject;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Portkey's open gateway (npm), a gateway for language models like Muster. */
public final class Portkey implements Subject {
  /** Where scripts/bench installs it. */
  private static final String PACKAGE = "bench/.tools/portkey/node_modules/@portkey-ai/gateway";

  private static final Pattern VERSION = Pattern.compile("\"version\"\\s*:\\s*\"([^\"]+)\"");

  @Override
  public String name() {
    return "portkey";
  }

  @Override
  public Running start(Workshop workshop) throws SubjectMissing, IOException {
    Path node = Workshop.program("node", "apt-get install nodejs npm");
    Path home = workshop.root().resolve(PACKAGE);
    if (!Files.exists(home)) {
      throw new SubjectMissing("@portkey-ai/gateway is not installed: run scripts/bench with npm");
    }
    int port = Workshop.freePorts(1).get(0);
    ChildProcess process =
        ChildProcess.start(
            name(),
            workshop.folder(name()),
            Map.of("NODE_ENV", "production"),
            List.of(
                node.toString(),
                home.resolve("build/start-server.js").toString(),
                "--headless",
                "--port=" + port));
    return new Running(
        name(),
        "Portkey gateway " + version(home) + ", Node " + Workshop.firstLine(node.toString(), "-v"),
        port,
        Map.of(
            "x-portkey-provider",
            "openai",
            "x-portkey-custom-host",
            "http://127.0.0.1:" + workshop.upstreamPort() + "/v1"),
        List.of(process),
        List.of(new Part("portkey", process.pid())));
  }

  private static String version(Path home) throws IOException {
    Matcher matcher = VERSION.matcher(Files.readString(home.resolve("package.json")));
    return matcher.find() ? matcher.group(1) : "?";
  }
}
