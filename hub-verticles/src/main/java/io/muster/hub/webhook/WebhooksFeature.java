package io.muster.hub.webhook;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.event.Events;
import io.muster.hub.auth.AdminGuard;
import io.muster.hub.auth.AdminUser;
import io.muster.hub.auth.Role;
import io.muster.hub.events.EventFeed;
import io.muster.hub.events.EventFilter;
import io.muster.hub.events.EventTypes;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.http.JsonBody;
import io.muster.hub.storage.Database;
import io.muster.runtime.net.PublicAddresses;
import io.muster.runtime.settings.EventSettings;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Webhooks and their routes, {@code /api/admin/webhooks}. Used on the hub's event loop. */
public final class WebhooksFeature implements ApiRoutes {
  private static final String PATH = "/api/admin/webhooks";
  private static final int LONGEST_URL = 2000;
  private static final int SHORTEST_SECRET = 16;
  private static final int LONGEST_SECRET = 200;

  private final Vertx vertx;
  private final Events events;
  private final AdminGuard guard;
  private final Clock clock;
  private final boolean allowPrivate;
  private final int most;
  private final WebhookStore store;
  private final Webhooks webhooks;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param first whether it is this hub, of all, that sends
   * @param version of Muster
   */
  public WebhooksFeature(
      Vertx vertx,
      Settings settings,
      Database database,
      EventFeed feed,
      Events events,
      AdminGuard guard,
      BooleanSupplier first,
      String version,
      Clock clock) {
    this.vertx = vertx;
    this.events = events;
    this.guard = guard;
    this.clock = clock;
    this.allowPrivate = settings.get(EventSettings.WEBHOOKS_ALLOW_PRIVATE);
    this.most = settings.get(EventSettings.WEBHOOK_MAX);
    this.store = new WebhookStore(database);
    this.webhooks =
        new Webhooks(
            vertx,
            store,
            new WebhookSender(
                vertx,
                settings.get(EventSettings.WEBHOOK_TIMEOUT_MS),
                allowPrivate,
                version,
                clock),
            new WebhookQueue.Options(
                settings.get(EventSettings.WEBHOOK_QUEUE_SIZE),
                settings.get(EventSettings.WEBHOOK_MAX_TRIES),
                settings.get(EventSettings.WEBHOOK_RETRY_BASE_MS),
                settings.get(EventSettings.WEBHOOK_DISABLE_AFTER_MS)),
            feed,
            events,
            first,
            clock);
  }

  /** Begins to send. */
  public void start() {
    webhooks.start();
  }

  public Future<Void> close() {
    return webhooks.close();
  }

  @Override
  public void add(Router router, Api api) {
    router.get(PATH).handler(guard.forAdmins(api, Role.VIEWER, (call, user) -> list()));
    router.post(PATH).handler(guard.forAdmins(api, Role.ADMIN, this::create));
    router
        .delete(PATH + "/:id")
        .handler(guard.forAdmins(api, Role.ADMIN, (call, user) -> delete(call.path("id"), user)));
    router
        .post(PATH + "/:id/enable")
        .handler(guard.forAdmins(api, Role.ADMIN, (call, user) -> enable(call.path("id"), user)));
    router
        .get(PATH + "/:id/deliveries")
        .handler(guard.forAdmins(api, Role.VIEWER, (call, user) -> deliveries(call.path("id"))));
  }

  private Future<ApiReply> list() {
    return store
        .list()
        .map(
            hooks -> {
              JsonArray list = new JsonArray();
              hooks.forEach(hook -> list.add(shown(hook)));
              return ApiReply.ok(
                  new JsonObject()
                      .put("success", true)
                      .put("webhooks", list)
                      .put("total", list.size()));
            });
  }

  private JsonObject shown(Webhook hook) {
    return hook.toJson().put("pending", webhooks.pending(hook.id()));
  }

  private Future<ApiReply> create(ApiCall call, AdminUser user) {
    return call.body()
        .map(body -> read(body, user))
        .compose(this::checked)
        .compose(hook -> store.add(hook, most).map(hook))
        .recover(this::tooMany)
        .map(
            hook -> {
              tell(EventTypes.WEBHOOK_CREATED, hook.id(), user);
              return ApiReply.of(
                  201,
                  new JsonObject()
                      .put("success", true)
                      .put("webhook", shown(hook).put("secret", hook.secret())));
            });
  }

  private Webhook read(JsonBody body, AdminUser user) {
    body.only("url", "types", "secret");
    EventFilter filter;
    try {
      filter = EventFilter.of(body.strings("types"));
    } catch (IllegalArgumentException e) {
      throw ApiErrors.invalid("types", e.getMessage() + ".");
    }
    String secret = body.optionalString("secret").orElseGet(() -> "whsec_" + hex(24));
    if (secret.length() < SHORTEST_SECRET || secret.length() > LONGEST_SECRET) {
      throw ApiErrors.invalid(
          "secret",
          "'secret' has to have %d to %d characters; leave it out for one that the hub makes."
              .formatted(SHORTEST_SECRET, LONGEST_SECRET));
    }
    return new Webhook(
        "wh_" + hex(10),
        url(body.string("url")),
        filter,
        secret,
        clock.millis(),
        user.name(),
        null,
        null,
        null,
        null);
  }

  private static URI url(String text) {
    try {
      URI url = new URI(text);
      String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
      if (text.length() <= LONGEST_URL
          && (scheme.equals("https") || scheme.equals("http"))
          && url.getHost() != null
          && url.getRawUserInfo() == null
          && url.getPort() != 0) {
        return url;
      }
    } catch (URISyntaxException e) {
      // Said below.
    }
    throw ApiErrors.invalid(
        "url", "'url' has to be an absolute http or https URL without a user name.");
  }

  /** Where it leads is looked up once more at each delivery. */
  private Future<Webhook> checked(Webhook hook) {
    return vertx
        .executeBlocking(
            () ->
                PublicAddresses.resolve(
                    hook.url().getHost(), address -> allowPrivate, "WEBHOOKS_ALLOW_PRIVATE"),
            false)
        .map(hook)
        .recover(
            cause ->
                Future.failedFuture(
                    cause instanceof UnknownHostException
                        ? ApiErrors.invalid(
                            "url", "'url' cannot be used: " + cause.getMessage() + ".")
                        : cause));
  }

  private Future<Webhook> tooMany(Throwable cause) {
    if (cause instanceof FaultException fault && fault.fault().failure() == Failure.CONFLICT) {
      return Future.failedFuture(
          ApiErrors.of(
              409,
              "too_many_webhooks",
              "There are " + most + " webhooks, which is the limit (WEBHOOK_MAX)."));
    }
    return Future.failedFuture(cause);
  }

  private Future<ApiReply> delete(String id, AdminUser user) {
    return store
        .delete(id)
        .map(
            deleted -> {
              known(deleted, id);
              tell(EventTypes.WEBHOOK_DELETED, id, user);
              return ApiReply.ok(new JsonObject().put("success", true).put("id", id));
            });
  }

  private Future<ApiReply> enable(String id, AdminUser user) {
    return store
        .enable(id)
        .compose(
            enabled -> {
              known(enabled, id);
              tell(EventTypes.WEBHOOK_ENABLED, id, user);
              return find(id);
            })
        .map(
            hook -> ApiReply.ok(new JsonObject().put("success", true).put("webhook", shown(hook))));
  }

  private Future<ApiReply> deliveries(String id) {
    return find(id)
        .compose(hook -> store.deliveries(id))
        .map(
            tries -> {
              JsonArray list = new JsonArray();
              tries.forEach(each -> list.add(each.toJson()));
              return ApiReply.ok(
                  new JsonObject()
                      .put("success", true)
                      .put("deliveries", list)
                      .put("total", list.size()));
            });
  }

  private Future<Webhook> find(String id) {
    return store
        .list()
        .map(
            hooks -> {
              List<Webhook> found = hooks.stream().filter(hook -> hook.id().equals(id)).toList();
              known(!found.isEmpty(), id);
              return found.get(0);
            });
  }

  private static void known(boolean found, String id) {
    if (!found) {
      throw ApiErrors.notFound("webhook_not_found", "There is no webhook '" + id + "'.");
    }
  }

  private void tell(String type, String id, AdminUser by) {
    events.emit(type, Map.of("webhookId", id, "by", by.name()));
  }

  private String hex(int bytes) {
    byte[] made = new byte[bytes];
    random.nextBytes(made);
    return HexFormat.of().formatHex(made);
  }
}
