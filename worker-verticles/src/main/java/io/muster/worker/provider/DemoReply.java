package io.muster.worker.provider;

import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the demo model says: it repeats what it is asked to repeat, gives back a name it was told,
 * and otherwise says what it is. The same messages always get the same answer.
 */
final class DemoReply {
  static final String ABOUT =
      "I am Muster's built-in demo model: a stand-in without a language model behind it. I can"
          + " repeat (\"Repeat: hello\") and give back a name that I was told (\"My name is"
          + " Ann\"). For real answers set OPENAI_API_KEY, ANTHROPIC_API_KEY or OLLAMA_URL on a"
          + " worker.";
  static final String ABOUT_ZH =
      "我是 Muster 内置的演示模型，只是占位，背后没有语言模型。我会重复（“重复：你好”），也会记住你告诉我的名字（“我叫小李”）。"
          + "要得到真正的回答，请在 worker 上设置 OPENAI_API_KEY、ANTHROPIC_API_KEY 或 OLLAMA_URL。";

  private static final Pattern REPEAT_COLON =
      Pattern.compile(
          "^\\s*(?:(?i:please|could you|can you|now)[\\s,]+)*"
              + "(?i:repeat|reply|say|echo|respond|answer)(?:\\s+[\\p{L}]+){0,4}\\s*[:：]\\s*(.+)$",
          Pattern.DOTALL);
  private static final Pattern REPEAT =
      Pattern.compile(
          "^\\s*(?:(?i:please|could you|can you|now)[\\s,]+)*"
              + "(?i:repeat(?:\\s+after\\s+me)?|say|echo|(?:reply|respond|answer)\\s+(?:with|only))"
              + "(?:\\s+(?i:exactly|only|just|the\\s+word|the\\s+words))*\\s+(.+)$",
          Pattern.DOTALL);
  private static final Pattern REPEAT_COLON_ZH =
      Pattern.compile(
          "^\\s*(?:请你?|麻烦你?)?(?:回复|重复|复述|回答|跟我说|跟我念|说|念)[^:：\\n]{0,8}[:：]\\s*(.+)$",
          Pattern.DOTALL);
  private static final Pattern REPEAT_ZH =
      Pattern.compile(
          "^\\s*(?:请你?|麻烦你?)(?:回复|重复|复述|跟我说|跟我念|说|念)(?:一遍|一下|以下内容)?[\\s,，]*(.+)$", Pattern.DOTALL);
  private static final Pattern VAGUE =
      Pattern.compile("^(?i:something|anything|nothing|more|that again|it again|again)\\b.*");

  private static final Pattern ASKS_NAME =
      Pattern.compile(
          "(?i)\\bwhat(?:'s|’s|s|\\s+is|\\s+was)?\\s+my\\s+(?:own\\s+)?name\\b|\\bwho\\s+am\\s+i\\b"
              + "|\\b(?:know|remember|recall|tell\\s+me|say)\\s+(?:what\\s+)?my\\s+name\\b"
              + "|\\bwhat\\s+(?:am\\s+i|did\\s+i\\s+say\\s+(?:that\\s+)?(?:i\\s+am|my\\s+name\\s+is))"
              + "\\s*(?:called)?\\b|\\bwhat\\s+do\\s+you\\s+call\\s+me\\b");
  private static final Pattern ASKS_NAME_ZH =
      Pattern.compile("我(?:的?名字|的?姓名)?(?:是|叫)?(?:什么|啥)|我(?:是|叫)谁|(?:知道|记得|说出)我的?(?:名字|姓名)");

  /** A name, and more names only when they are capitalised. */
  private static final String NAME =
      "([\\p{L}][\\p{L}\\p{M}'’-]*(?:\\s+\\p{Lu}[\\p{L}\\p{M}'’-]*){0,2})";

  private static final Pattern NAMED =
      Pattern.compile(
          "\\b(?i:my\\s+name\\s+is|my\\s+name's|my\\s+name’s|i\\s+am\\s+called|i'm\\s+called"
              + "|call\\s+me|you\\s+can\\s+call\\s+me)\\s+"
              + NAME);
  private static final Pattern AM =
      Pattern.compile("\\b(?i:i'm|i’m|i\\s+am)\\s+(?=\\p{Lu})" + NAME);
  private static final Pattern NAMED_ZH =
      Pattern.compile(
          "(?:我叫做?|我的?名字(?:是|叫做?)|叫我|我姓名是)\\s*([\\p{IsHan}·]{1,8}|[A-Za-z][A-Za-z'’-]*)");
  private static final Pattern AM_ZH =
      Pattern.compile("我是\\s*([\\p{IsHan}·]{1,6}(?!\\p{IsHan})|[A-Z][A-Za-z'’-]*)");

  private static final Set<String> NO_NAMES =
      Set.of(
          "back",
          "later",
          "when",
          "if",
          "at",
          "a",
          "an",
          "the",
          "on",
          "tomorrow",
          "maybe",
          "not",
          "what",
          "sorry",
          "afraid",
          "ok",
          "now",
          "by");
  private static final Pattern NO_NAME_ZH =
      Pattern.compile("^(?:[一个不在来想要说做从学你他她它为有很也就真用问]|什么|啥|谁|哪|这|那|怎).*|.*的.*");

  private DemoReply() {}

  /**
   * The answer.
   *
   * @param users what the user said, oldest first
   */
  static String to(List<String> users) {
    String last = users.isEmpty() ? "" : users.get(users.size() - 1);
    boolean chinese = last.codePoints().anyMatch(Character::isIdeographic);
    String repeat = repeated(last, REPEAT_COLON, REPEAT_COLON_ZH);
    if (repeat != null) {
      return repeat;
    }
    if (ASKS_NAME.matcher(last).find() || ASKS_NAME_ZH.matcher(last).find()) {
      return sayName(users, chinese);
    }
    repeat = repeated(last, REPEAT, REPEAT_ZH);
    if (repeat != null) {
      return repeat;
    }
    String told = name(last);
    if (told != null) {
      return chinese ? "很高兴认识你，" + told + "。" : "Nice to meet you, " + told + ".";
    }
    return chinese ? ABOUT_ZH : ABOUT;
  }

  private static String sayName(List<String> users, boolean chinese) {
    for (int i = users.size() - 1; i >= 0; i--) {
      String name = name(users.get(i));
      if (name != null) {
        return chinese ? "你叫" + name + "。" : "Your name is " + name + ".";
      }
    }
    return chinese ? "你还没有告诉我你的名字。" : "You have not told me your name yet.";
  }

  private static String repeated(String text, Pattern... patterns) {
    for (Pattern pattern : patterns) {
      Matcher matcher = pattern.matcher(text);
      if (matcher.matches() && !VAGUE.matcher(matcher.group(1)).matches()) {
        String repeat = unquoted(matcher.group(1).strip());
        if (!repeat.isEmpty()) {
          return repeat;
        }
      }
    }
    return null;
  }

  private static String unquoted(String text) {
    String pairs = "\"\"''“”‘’「」『』``";
    String bare = text.replaceFirst("(?<=[\"'”’」』`])[.。]$", "");
    for (int i = 0; i < pairs.length(); i += 2) {
      if (bare.length() > 2
          && bare.charAt(0) == pairs.charAt(i)
          && bare.indexOf(pairs.charAt(i + 1), 1) == bare.length() - 1) {
        return bare.substring(1, bare.length() - 1);
      }
    }
    return text;
  }

  /** The last name told in it, null when there is none. */
  private static String name(String text) {
    String name = null;
    int at = -1;
    for (Pattern pattern : List.of(NAMED, AM, NAMED_ZH, AM_ZH)) {
      Matcher matcher = pattern.matcher(text);
      while (matcher.find()) {
        String found = cleaned(matcher.group(1));
        if (found != null && matcher.start() >= at) {
          name = found;
          at = matcher.start();
        }
      }
    }
    return name;
  }

  private static String cleaned(String found) {
    String name = found.replaceFirst("[吗呢吧啊呀了哦]+$", "").replaceFirst("['’-]+$", "").strip();
    if (name.isEmpty()
        || NO_NAMES.contains(name.toLowerCase(java.util.Locale.ROOT))
        || NO_NAME_ZH.matcher(name).matches()) {
      return null;
    }
    return name;
  }
}
