// Made by Scripts/kvasir-splits.py. Which images of Kvasir-SEG MedVLSM puts in val and test: MedVLSMSplits says how it is read.
// Facts about published files, no part of them.

extension MedVLSMSplits {
    static let valTable = """
        AnODhQLveU4JID7UCq3tvQrZMAIYWzpUGgp7PB06m1AeKtqvI2C3WyQoMBEmZKpTLEb3NSzt9eEu60UCLvRQtDG5NmU0SreLNPE+oznVp6k52fFxQP3qWUEWHtFMtoqpWbGpjFnAr+VeErjrZxlXRmf4ajhoQq1Ra/gxsWwTLURunSQZcbry\
        C3bFOeZ42TrLeN7NaHvtkLWBbW/ngxp/h4SeKCCJ7xnGifP5No6Aa3CRM5dekbSI1ZKsY3OTKKoWl0sSFJehvZaZQeCgm84RPp7q7gWgKDaAoMs5zKFJk8ehTqkyore6LKUo8yCmDgpkpmtReqaDJImm3yVkqgutP62PDlSwOwl+ts4PGLzv\
        LE+9rSlLvdCd3r4BxHnBxIRgwlTHcsPGcADEFEfHxVI1LsdOsWvImBopyXOAh8ovYG/UbQZh1dkBPdhFQs/a3dwD2wBjtNyiT6De7k4338pi1uMLCs7mM5dj5trNM+mWw5Pu5xFs83g3s/Tzet73vyYT+KTUoPsBdlr7PQ67/QJYWQ==
        """
    static let testTable = """
        A98eHgYNHSsIFd6NFLBhph928ckgk7ltJRBBxiVV+rQljqC4JolqkChewhoockpmKdHKoyvRv9AwcGU7MMIeNzGKAKA1O6OdNj5FNTfS0UM5oj21Oi4X1zy8GAo/p3C0QUoZBEGytUJENpbfSDKADUjc4FFJsizwSpstBUxC1N9Nw1aKTquC\
        JFDRLGxSeBbJVXZJwlcaaxZX+6xCWoHTpl8tsVxhEA0HY3V5iWfSyeVojtW+b7X/3HDckNpylDq6dVV4YXckhJB+WvFsgAxy3oCJ4h6Cx9u0hDiExYVWtm6FbtVJiBFGtYlDrI2UBIGNlqDY0ZlH10CaPlc6nVRj3p41+3CfKlaWqePlg6yp\
        IRu0eTjFto3rDLlbPBPB7o+yxXVoB8ZtxbTH17ZeyrbJm8uc7RfMMN0KzVwyWM163hTRJiUV0Vyn+tFgCq/UNlss1Hnhy9SmH+fVuocI1uifD9cDPRna3d5u2/FFat6EB1Piaa6w5w06p+dgAl3tGKZr8JGeLvOLu+r1fT4p+GjjTQ==
        """
}
