package io.muster.runtime.settings;

import java.util.List;

/** The catalogue as Markdown tables, one a chapter: what {@code --print-settings} prints. */
public final class SettingsTable {
  private static final String PLACES =
      """
      ## Where settings are looked for

      These two stand in the environment only.

      | Name | Default | Allowed | Read by | What it does |
      | --- | --- | --- | --- | --- |
      | `MUSTER_ENV` | `development` | letters, digits, `-`, `_` | hub, worker | Which `conf/<name>.json`\
       is read before `conf/default.json`. Also `NODE_ENV`. |
      | `CONF_DIR` | `./conf` | folder | hub, worker | Where these files are; one that is named must\
       exist. |

      """;

  private SettingsTable() {}

  /** The tables; each line ends with a newline. */
  public static String markdown() {
    StringBuilder text = new StringBuilder(PLACES);
    String group = "";
    for (Setting<?> setting : Catalogue.all()) {
      if (!setting.group().equals(group)) {
        if (!group.isEmpty()) {
          text.append('\n');
        }
        group = setting.group();
        text.append("## ").append(group).append("\n\n");
        text.append("| Name | Default | Allowed | Read by | What it does |\n");
        text.append("| --- | --- | --- | --- | --- |\n");
      }
      text.append("| `").append(setting.name()).append("` | ");
      text.append(code(setting.shownFallback())).append(" | ");
      text.append(setting.allowed().replace("|", "\\|")).append(" | ");
      text.append(roles(setting)).append(" | ");
      text.append(doc(setting)).append(" |\n");
    }
    return text.toString();
  }

  private static String doc(Setting<?> setting) {
    StringBuilder doc = new StringBuilder(setting.doc());
    if (setting.secret()) {
      doc.append(" Secret; or `").append(setting.name()).append("_FILE`, a file that holds it.");
    }
    if (!setting.aliases().isEmpty()) {
      doc.append(" Also `").append(String.join("`, `", setting.aliases())).append("`.");
    }
    return doc.toString().replace("|", "\\|");
  }

  private static String roles(Setting<?> setting) {
    List<String> roles =
        List.of(Role.values()).stream()
            .filter(setting::appliesTo)
            .map(role -> role == Role.HUB ? "hub" : "worker")
            .toList();
    return String.join(", ", roles);
  }

  private static String code(String text) {
    return text.isEmpty() ? "" : "`" + text + "`";
  }
}
