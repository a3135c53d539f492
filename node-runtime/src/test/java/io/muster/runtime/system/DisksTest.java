package io.muster.runtime.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.metric.Sample;
import io.muster.runtime.system.Disks.Candidate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DisksTest {
  private static final Path DATA = Path.of("/var/lib/muster");

  @Test
  void theOneWithTheDataComesFirstThenTheBiggest() {
    assertThat(
            mounts(
                disk("/dev/a", "/", "ext4", "rw", 100),
                disk("/dev/b", "/models", "xfs", "rw", 900),
                disk("/dev/c", "/var", "ext4", "rw", 50),
                disk("/dev/d", "/home", "ext4", "rw", 300)))
        .containsExactly("/var", "/models", "/home", "/");
  }

  @Test
  void whatNobodyWritesToIsLeftOut() {
    assertThat(
            mounts(
                disk("/dev/a", "/", "ext4", "rw,relatime", 100),
                disk("tmpfs", "/run", "tmpfs", "rw", 100),
                disk("/dev/loop1", "/snap/x", "squashfs", "ro", 100),
                disk("/dev/sr0", "/cdrom", "iso9660", "rw", 100),
                disk("/dev/e", "/boot", "ext4", "ro,relatime", 100),
                disk("overlay", "/var/lib/docker/overlay2/1/merged", "overlay", "rw", 100),
                disk("/dev/f", "/empty", "ext4", "rw", 0)))
        .containsExactly("/");
  }

  @Test
  void whatIsMountedTwiceIsOne() {
    assertThat(
            mounts(
                disk("/dev/a", "/", "ext4", "rw", 100),
                disk("/dev/a", "/bound/here", "ext4", "rw", 100)))
        .containsExactly("/");
  }

  @Test
  void insideAContainerTheRootIsAnOverlay() {
    assertThat(mounts(disk("overlay", "/", "overlay", "rw", 100))).containsExactly("/");
  }

  @Test
  void tablesOfMountsAreReadAsLinuxWritesThem() {
    List<Candidate> found =
        Disks.mounted(
            List.of(
                "/dev/a / ext4 rw,relatime 0 0",
                "tmpfs /run tmpfs rw 0 0",
                "server:/share /net nfs4 rw 0 0",
                "/dev/b /with\\040a\\011name\\134 xfs rw 0 0",
                "no table"));

    assertThat(found).extracting(Candidate::mount).containsExactly("/", "/with a\tname\\");
    assertThat(found.get(0).total()).isPositive();
    assertThat(found.get(1).total()).isZero();
  }

  @Test
  void filesThatAContainerIsLentAndWhatMayHangAreNoDisks(@TempDir Path folder) throws Exception {
    Path hosts = Files.createFile(folder.resolve("hosts"));
    assertThat(
            Disks.mounted(
                List.of(
                    "overlay / overlay rw 0 0",
                    "/dev/a " + hosts + " ext4 rw 0 0",
                    "bucket /s3 fuse.s3fs rw 0 0",
                    "mon:/ /ceph ceph rw 0 0",
                    "/dev/b /usb fuseblk rw 0 0")))
        .extracting(Candidate::mount)
        .containsExactly("/", "/usb");
  }

  @Test
  void ofManyOnlySomeAreTold() {
    List<Candidate> many = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      many.add(disk("/dev/" + i, "/d" + i, "ext4", "rw", i + 1));
    }
    assertThat(Disks.choose(many, DATA)).hasSize(Disks.MAX);
  }

  private static List<String> mounts(Candidate... candidates) {
    return Disks.choose(List.of(candidates), DATA).stream().map(Sample.Disk::mount).toList();
  }

  private static Candidate disk(
      String volume, String mount, String type, String options, long total) {
    return new Candidate(volume, mount, type, options, total, total / 2);
  }
}
