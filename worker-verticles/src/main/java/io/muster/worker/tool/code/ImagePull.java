package io.muster.worker.tool.code;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.PullImageResultCallback;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;

/** An image on its way to the engine; told on the engine's thread. */
final class ImagePull extends PullImageResultCallback {
  private static final int LONGEST_REASON = 200;

  private final String image;
  private final Promise<Void> done = Promise.promise();

  ImagePull(String image) {
    // A name without a tag would fetch every tag that there is.
    this.image =
        image.contains("@") || image.lastIndexOf(':') > image.lastIndexOf('/')
            ? image
            : image + ":latest";
  }

  /** Begins it; blocks for a moment. */
  Void begin(DockerClient client) {
    client.pullImageCmd(image).exec(this);
    return null;
  }

  Future<Void> done() {
    return done.future();
  }

  @Override
  public void onComplete() {
    super.onComplete();
    try {
      throwFirstError();
      done.tryComplete();
    } catch (RuntimeException e) {
      done.tryFail(e);
    }
  }

  /** Not the library's own way, which logs an error with its trace. */
  @Override
  public void onError(Throwable cause) {
    done.tryFail(cause);
    giveUp();
  }

  void giveUp() {
    try {
      close();
    } catch (IOException e) {
      // It is over either way.
    }
  }

  /** What the engine said, in a line. */
  static String reason(Throwable cause) {
    String said = String.valueOf(cause.getMessage()).replaceAll("\\s+", " ").strip();
    return said.length() > LONGEST_REASON ? said.substring(0, LONGEST_REASON) + "…" : said;
  }
}
