/** What the machine's GPUs do, asked of NVIDIA's driver without a process of its own. */
package io.muster.worker.gpu;
