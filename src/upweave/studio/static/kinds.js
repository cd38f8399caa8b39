// The kinds of layers in the family tree: what each is, and where it can be seen.

export const TREE = [
  { name: "Layers of a network",
    text: "A layer takes numbers to numbers. What tells layers apart is which inputs reach which outputs, "
      + "and which of the weights are shared.",
    kinds: [
      { name: "Fully connected",
        text: "Every input reaches every output, each by a weight of its own: a whole matrix.",
        call: "torch.nn.Linear" },
      { name: "Convolution",
        text: "Each output is a sum over a window of the input, by weights that are the same everywhere: "
          + "a matrix most of whose entries are zeros, in which few numbers repeat.",
        call: "torch.nn.Conv2d",
        see: { "See the window slide": "tab=explore&form=convolution&input=5&kernel=3&stride=1" },
        kinds: [
          { name: "Strided",
            text: "The window moves s steps at a time, so the output has 1/s of the rows and columns. "
              + "Its transpose makes maps larger.",
            see: { "See it": "tab=explore&form=convolution&input=7&kernel=3&stride=2" } },
          { name: "Dilated",
            text: "The taps stand d apart: a larger window of as many weights.",
            see: { "See it": "tab=explore&form=convolution&input=7&kernel=3&stride=1&dilation=2" } },
          { name: "Grouped and depthwise",
            text: "Channels are parted into groups that do not see each other; in a depthwise "
              + "convolution each channel is a group of its own." },
        ] },
      { name: "Pooling",
        text: "A window is summed up by a fixed rule: its largest value, or its mean.",
        call: "torch.nn.MaxPool2d" },
      { name: "Attention",
        text: "The weights themselves are computed from the input: which inputs reach an output is not "
          + "known beforehand.",
        call: "torch.nn.MultiheadAttention" },
    ] },
  { name: "What makes maps larger",
    text: "Upsamplers: more rows and columns come out than go in. What is not known has to be filled in, by "
      + "a fixed rule or a learned one.",
    kinds: [
      { name: "Fixed",
        text: "The kernel is known beforehand. Each is a transposed convolution whose stride is the factor.",
        kinds: [
          { name: "Bed of nails",
            text: "Each value at the corner of its cell, zeros elsewhere: a kernel of a single 1.",
            see: { "See it": "tab=explore&form=scatter&input=3&kernel=1&stride=2&weights=1" } },
          { name: "Nearest neighbour",
            text: "Each value is repeated: a kernel of s × s ones. It neither overlaps nor leaves gaps.",
            call: "torch.nn.Upsample(scale_factor=2, mode='nearest')",
            see: { "See it": "tab=explore&form=scatter&input=3&kernel=2&stride=2&weights=1 1/1 1" } },
          { name: "Bilinear",
            text: "Between neighbours along straight lines: a kernel that falls off like a tent.",
            call: "torch.nn.Upsample(scale_factor=2, mode='bilinear')",
            see: { "See it": "tab=explore&form=scatter&input=3&kernel=4&stride=2&padding=1&weights="
              + "0.0625 0.1875 0.1875 0.0625/0.1875 0.5625 0.5625 0.1875/"
              + "0.1875 0.5625 0.5625 0.1875/0.0625 0.1875 0.1875 0.0625" } },
          { name: "Bicubic",
            text: "Curves of third degree through four neighbours: sharper than bilinear, and what "
              + "networks have to beat.",
            call: "torch.nn.Upsample(scale_factor=2, mode='bicubic')" },
        ] },
      { name: "Max-unpooling",
        text: "Each value goes back to where a max-pooling found it. The data decide where, so it is no "
          + "transposed convolution.",
        call: "torch.nn.MaxUnpool2d" },
      { name: "Learned",
        text: "The weights come from training.",
        kinds: [
          { name: "Transposed convolution",
            text: "Each input, times the kernel, is added where it falls, s apart. As a matrix it is the "
              + "transpose of a strided convolution's. It can be seen in four ways, which give the same "
              + "numbers.",
            call: "torch.nn.ConvTranspose2d",
            see: {
              "As a scatter": "tab=explore&form=scatter&input=3&kernel=3&stride=2",
              "By zero insertion": "tab=explore&form=zero-insertion&input=3&kernel=3&stride=2",
              "As a matrix": "tab=explore&form=matrix&input=2&kernel=3&stride=2",
              "By its phases": "tab=explore&form=phases&input=3&kernel=3&stride=2",
            },
            kinds: [
              { name: "Kernel smaller than the stride",
                text: "Gaps: some outputs are reached by no input.",
                see: { "See the gaps": "tab=explore&form=overlap&input=4&kernel=2&stride=3" } },
              { name: "Kernel a multiple of the stride",
                text: "Every output is reached by as many taps.",
                see: { "See it": "tab=explore&form=overlap&input=4&kernel=4&stride=2&padding=1" } },
              { name: "Any other kernel",
                text: "Outputs are reached by unequal numbers of taps: a checkerboard may show.",
                see: { "See the checkerboard": "tab=explore&form=overlap&input=4&kernel=3&stride=2" } },
            ] },
          { name: "Sub-pixel convolution",
            text: "A convolution makes s² channels, and a shuffle weaves them into one of s times the size. "
              + "That is a transposed convolution whose kernel is s times as large, computed by its phases.",
            call: "torch.nn.PixelShuffle",
            see: { "See the phases": "tab=explore&form=phases&input=3&kernel=6&stride=2&padding=2" } },
          { name: "Resize-convolution",
            text: "A fixed upsampler, then a convolution at the large size: no checkerboard, for s² times "
              + "the multiply-adds of a convolution at the small one.",
            call: "torch.nn.Upsample, then torch.nn.Conv2d" },
        ] },
    ] },
];
