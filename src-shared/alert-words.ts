// The words that alerts are graded and judged by. Plain lists, so that a page can have them without the contract's schemas.

export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const;

export const alertStatuses = ['open', 'acknowledged', 'closed'] as const;

/** What an alert comes from: a rule that runs in the console, or a scan of log files elsewhere. */
export const alertOrigins = ['rule', 'scan'] as const;

export const verdicts = [
  'true_positive',
  'benign_positive',
  'false_positive_logic',
  'false_positive_data',
  'duplicate',
  'undetermined',
] as const;
