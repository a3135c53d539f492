/** The worker: runs the jobs that hubs send it against its model providers. */
package io.muster.worker;
