"""From a requirement to a plan. Pure: nothing here touches the body or a clock."""
