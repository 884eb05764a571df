package talweg.conformance;

import talweg.optim.Schedule;
import talweg.session.Session;
import talweg.tensor.DType;

/** Learning-rate schedules, computed on the host in double. */
final class ScheduleRunner implements AreaRunner {
  private static final String WARMUP_COSINE =
      "t < warmup ? (t+1)/warmup : 0.5*(1+cos(pi*(t-warmup)/(total-warmup)))";

  @Override
  public void run(Field golden, Session session, DType dtype, Comparison comparison) {
    double[] bases = golden.get("base_lrs").numbers();
    for (int group = 0; group < bases.length; group++) {
      Schedule schedule =
          schedule(golden.get("scheduler").text(), golden.get("args"), bases[group]);
      double[] expected = golden.get("lr").list().get(group).numbers();
      double[] rates = new double[expected.length];
      for (int step = 0; step < rates.length; step++) {
        rates[step] = schedule.rate(step);
      }
      comparison.scaled("rate of group " + group, rates, expected);
    }
  }

  private static Schedule schedule(String scheduler, Field args, double base) {
    if (scheduler.equals("CosineAnnealingLR")) {
      return new Schedule.Cosine(base, args.get("T_max").integer(), args.number("eta_min", 0));
    }
    if (scheduler.equals("LambdaLR")) {
      if (!args.get("factor").text().equals(WARMUP_COSINE)) {
        throw new NotOffered("factor \"" + args.get("factor").text() + "\"");
      }
      int warmup = args.get("warmup").integer();
      Schedule cosine = new Schedule.Cosine(base, args.get("total").integer() - warmup, 0);
      return new Schedule.Warmup(warmup, cosine);
    }
    throw new NotOffered("schedule " + scheduler);
  }
}
