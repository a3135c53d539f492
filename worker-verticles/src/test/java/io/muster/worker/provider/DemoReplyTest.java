package io.muster.worker.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DemoReplyTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Repeat: hello world|hello world",
        "Repeat after me: what is my name?|what is my name?",
        "Please reply: pong|pong",
        "please reply with exactly: OK|OK",
        "Reply with exactly pong|pong",
        "say hello|hello",
        "Say \"hi there\".|hi there",
        "Please say just yes|yes",
        "echo one two|one two",
        "Say exactly: the fox, the dog|the fox, the dog",
        "请回复：收到|收到",
        "请回复:收到|收到",
        "重复：今天天气很好|今天天气很好",
        "请说你好|你好",
        "请重复一遍：你好，世界|你好，世界",
        "请说“早上好”|早上好",
      })
  void repeats(String message, String answer) {
    assertThat(DemoReply.to(List.of(message))).isEqualTo(answer);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "My name is Ann.|What's my name?|Your name is Ann.",
        "my name is ann and I like tea|what is my name|Your name is ann.",
        "Hi, I'm Ann!|Who am I?|Your name is Ann.",
        "I am Mary Jane Watson, hello|Do you remember my name?|Your name is Mary Jane Watson.",
        "Please call me Bob|tell me my name|Your name is Bob.",
        "I'm tired. Call me later.|What is my name?|You have not told me your name yet.",
        "Hello|What is my name?|You have not told me your name yet.",
        "我叫小李|我叫什么？|你叫小李。",
        "我的名字是小李。|我叫什么名字？|你叫小李。",
        "你好，我是小李，今年三十岁|我是谁？|你叫小李。",
        "我是一个程序员|我是谁？|你还没有告诉我你的名字。",
        "我叫Ann|我的名字是什么？|你叫Ann。",
        "我叫小李|What is my name?|Your name is 小李.",
      })
  void givesBackANameToldEarlier(String told, String asked, String answer) {
    assertThat(DemoReply.to(List.of(told, asked))).isEqualTo(answer);
  }

  @Test
  void takesTheNameToldLast() {
    assertThat(DemoReply.to(List.of("I'm Ann", "No, my name is Eve", "ok", "Who am I?")))
        .isEqualTo("Your name is Eve.");
    assertThat(DemoReply.to(List.of("My name is Ann. What is my name?")))
        .isEqualTo("Your name is Ann.");
  }

  @Test
  void greetsWhoTellsAName() {
    assertThat(DemoReply.to(List.of("My name is Ann."))).isEqualTo("Nice to meet you, Ann.");
    assertThat(DemoReply.to(List.of("我叫小李"))).isEqualTo("很高兴认识你，小李。");
  }

  @Test
  void saysWhatItIs() {
    assertThat(DemoReply.to(List.of("What is the capital of France?"))).isEqualTo(DemoReply.ABOUT);
    assertThat(DemoReply.to(List.of("法国的首都是哪里？"))).isEqualTo(DemoReply.ABOUT_ZH);
    assertThat(DemoReply.to(List.of())).isEqualTo(DemoReply.ABOUT);
    assertThat(DemoReply.to(List.of("Say something"))).isEqualTo(DemoReply.ABOUT);
    assertThat(DemoReply.ABOUT).contains("without a language model", "OPENAI_API_KEY");
  }

  @Test
  void splitsIntoWordsAndCharacters() {
    assertThat(DemoTokens.split("Hello, big  world")).containsExactly("Hello, ", "big  ", "world");
    assertThat(DemoTokens.split("你好 world，好")).containsExactly("你", "好 ", "world", "，", "好");
    assertThat(DemoTokens.split(" x")).containsExactly(" x");
    assertThat(DemoTokens.split("")).isEmpty();
    assertThat(DemoTokens.count("你好 world，好")).isEqualTo(5);
  }
}
